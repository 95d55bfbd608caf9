import OpenAI from 'openai'; import fs from 'node:fs';
const c=new OpenAI({apiKey:'x',baseURL:'http://127.0.0.1:4567/v1',maxRetries:2});
const lines=fs.readFileSync('/tmp/bt/in5k.jsonl','utf8').trim().split('\n'); const out=fs.createWriteStream('/tmp/bt/sdk.out'); let at=0; const t=performance.now();
async function w(){ for(;at<lines.length;){ const l=JSON.parse(lines[at++]); const s=await c.chat.completions.create({...l.body,stream:true,stream_options:{include_usage:true}}); let text='',usage; for await(const ch of s){ text+=ch.choices[0]?.delta?.content??''; usage=ch.usage??usage;} out.write(JSON.stringify({custom_id:l.custom_id,text,usage})+'\n'); } }
await Promise.all(Array.from({length:16},w)); const u=process.cpuUsage(); console.log('sdk cpu ms/call',((u.user+u.system)/1000/lines.length).toFixed(3),'rate',(lines.length/(performance.now()-t)*1000).toFixed(0));

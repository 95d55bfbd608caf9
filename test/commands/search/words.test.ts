import { describe, expect, test } from 'vitest';
import { judgeSearch } from '../../../src/work/ask/search-rules.ts';

/** What models say that were asked to search and have no search. */
const refusals = [
  'I cannot search the web.',
  "I can't browse the internet, so I don't have today's news.",
  'I can’t access the internet in real time.',
  'I am unable to browse the web.',
  "I'm unable to access real-time information, such as today's weather.",
  "I'm not able to search the internet for current events.",
  'Unfortunately, I am not able to perform web searches.',
  "I don't have the ability to browse the internet.",
  'I do not have access to the internet or real-time data.',
  "I don't have real-time access to news.",
  "I don't have internet access.",
  'I have no internet access, so I cannot tell you what happened today.',
  'I have no access to the internet.',
  'I have no way to look this up online.',
  "I don't have access to live data.",
  "I don't have access to current news or real-time information.",
  'As an AI language model, I cannot access the internet.',
  'As an AI, I do not have the capability to search the web.',
  'As an AI, I lack the ability to browse the internet.',
  'I currently lack web access.',
  "I wasn't able to search the web.",
  'I was unable to perform a web search.',
  "I couldn't search the web just now.",
  'I could not access the internet to check this.',
  'I did not search the web for this answer.',
  "I haven't searched the web; this is from memory.",
  'No search was performed.',
  'No web search was run for this answer.',
  'Web search is not available in this conversation.',
  "Web search isn't enabled for me, so this may be out of date.",
  'Browsing is disabled here, so I will answer from what I know.',
  'My search tool is unavailable right now.',
  'I have no browsing capability.',
  'I have no built-in web search tool.',
  'I am a text-based model without internet access.',
  'Without web access, I can only tell you what I learned in training.',
  'Sorry, but searching the web is not something I can do.',
  'My knowledge cutoff is June 2024, and I cannot look up anything newer online.',
  '我无法联网搜索。',
  '我无法访问互联网，因此不能提供最新消息。',
  '抱歉，我不能浏览网页。',
  '我没有联网功能。',
  '我没有实时搜索的能力。',
  '作为一个人工智能，我不具备联网搜索能力。',
  '我目前无法获取实时信息。',
  '很抱歉，我目前不支持联网搜索。',
  '我无法上网查询今天的新闻。',
  '我不能访问网络，以下内容来自我的训练数据。',
  '由于无法联网，我只能根据已有知识回答。',
  '本次回答没有进行联网搜索。',
  '我无法进行网络搜索。',
];

/** Answers that may well come from a search, with words of the kind. */
const answers = [
  '',
  'Hello.',
  'I searched the web and could not find any report of that.',
  'I searched the web, but I cannot find a search result that names the mayor.',
  'I was unable to find a definitive answer in the search results.',
  'I could not find anything newer in my web search.',
  'The search results do not say when the search for survivors ended.',
  'According to the results of the web search, the talks did not end.',
  'The town has no internet access since Monday.',
  'The village has been without internet access since the storm.',
  'About 2.6 billion people do not have access to the internet.',
  'Many schools still have no internet connection.',
  'You cannot search without a warrant.',
  'Police may not search a home without a warrant; an officer cannot search your phone either.',
  'The court ruled that officers do not need a warrant to search a car.',
  'Rescuers were unable to search the north slope because of the weather.',
  'Safari does not support this feature, while all other browsers do.',
  'Firefox 130 does not change how you browse.',
  'Users of the free plan cannot access live support.',
  'You can’t search your mail offline in this app, says its manual.',
  'Google said it would not remove the search box. It does not sell search data.',
  'The strike does not affect live television.',
  'The bank’s customers were unable to access online banking on Friday.',
  'Customers can’t connect to the online service, Sony says.',
  'Perplexity does not search the web for short questions, according to its help page.',
  'The airline has no live data on delays yet.',
  'He argued that there is no way to search the whole ocean floor.',
  '我搜索了网络，但没有找到实时数据。',
  '搜索结果中没有提到具体日期。',
  '警方不能在没有搜查令的情况下搜索住宅。',
  '该地区自周一起无法访问互联网。',
  '由于天气原因，救援人员无法搜索北坡。',
  '这款旧手机无法联网。',
  '目前没有实时数据显示台风登陆的时间。',
];

describe('an answer that says that no search was done', () => {
  test.each(refusals)('%s', (text) => {
    expect(judgeSearch(text)).toBe('unlikely');
  });

  test('in the midst of others', () => {
    const text = 'Good question! **Note:** I cannot browse the web.\n\nFrom memory: it is a lake.';
    expect(judgeSearch(text)).toBe('unlikely');
  });
});

describe('an answer that does not', () => {
  test.each(answers)('%s', (text) => {
    expect(judgeSearch(text)).toBe('unknown');
  });

  test('because it says so of something else, far behind', () => {
    const far = `${'It rained in Lisbon. '.repeat(200)}I cannot search the web.`;
    expect(judgeSearch(far)).toBe('unknown');
  });

  test('is judged at once, however long it is', () => {
    const start = performance.now();
    judgeSearch('I cannot '.repeat(20_000));
    judgeSearch(`cannot${' access'.repeat(20_000)}`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

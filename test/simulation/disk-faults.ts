/** What can go wrong with the disk, as tables: system calls by what their file is for, and the errors each can give. Nothing happens here. */

/** By the errors of the manual pages; slow is a disk of a network. */
export const unwritable: readonly string[] = ['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'slow'];
export const unreadable: readonly string[] = ['EIO', 'EACCES', 'slow'];
/** Permission is looked at when a file is opened, not when it is written. */
export const writes: readonly string[] = ['EIO', 'ENOSPC', 'EROFS', 'slow'];
/** Where room is given out late, a sync may be the first to learn that there is none. */
export const syncs: readonly string[] = ['EIO', 'ENOSPC'];
export const broken: readonly string[] = ['EIO'];
/** EPERM and ENOTSUP: file systems without hard links. */
export const links: readonly string[] = [...unwritable, 'EPERM', 'ENOTSUP'];
/** No room is needed to remove a name. */
export const removals: readonly string[] = ['EIO', 'EROFS'];
export const prints: readonly string[] = ['EPIPE', 'ENOSPC', 'slow'];

/** Where faults are planned: how often a command passes at most, and the errors. Without errors it is still a place to die at. */
export const disk: readonly (readonly [place: string, most: number, faults: readonly string[]])[] =
  [
    ['open ledger', 5, unwritable],
    ['append ledger', 5, writes],
    ['openToRead ledger', 4, unreadable],
    ['mkdir room', 4, unwritable],
    ['status room', 2, []],
    ['freeBytes room', 1, []],
    ['create record', 12, unwritable],
    ['write record', 12, writes],
    ['sync record', 12, syncs],
    ['rename record', 12, unwritable],
    ['syncDirectory record', 8, []],
    ['read record', 8, unreadable],
    ['remove record', 3, removals],
    ['open lock', 10, unwritable],
    ['remove lock', 10, removals],
    ['open reply', 3, unwritable],
    ['write reply', 5, writes],
    ['sync reply', 3, syncs],
    ['rename reply', 3, unwritable],
    ['openToRead reply', 6, unreadable],
    ['remove reply', 6, removals],
    ['status reply', 6, broken],
    ['isTaken reply', 6, []],
    ['open temporary', 4, unwritable],
    ['write temporary', 6, writes],
    ['sync temporary', 3, syncs],
    ['remove temporary', 3, removals],
    ['openToRead temporary', 3, unreadable],
    ['status temporary', 2, broken],
    ['isTaken temporary', 1, []],
    ['link output', 3, links],
    ['rename output', 2, unwritable],
    ['open output', 2, unwritable],
    ['openToRead output', 3, unreadable],
    ['remove output', 2, removals],
    ['status output', 3, broken],
    ['isTaken output', 2, []],
    ['status other', 3, broken],
    ['syncDirectory other', 2, []],
    ['freeBytes other', 1, []],
    ['read input', 2, unreadable],
    ['create budget', 8, unwritable],
    ['write budget', 8, writes],
    ['sync budget', 4, syncs],
    ['rename budget', 8, unwritable],
    ['syncDirectory budget', 4, []],
    ['remove budget', 1, []],
    ['read budget', 8, unreadable],
    ['create cache', 2, unwritable],
    ['write cache', 2, writes],
    ['sync cache', 2, syncs],
    ['rename cache', 2, unwritable],
    ['syncDirectory cache', 2, []],
    ['remove cache', 1, []],
    ['read cache', 4, unreadable],
    ['create sessions', 2, unwritable],
    ['write sessions', 2, writes],
    ['rename sessions', 2, unwritable],
    ['remove sessions', 1, []],
    ['open sessions', 2, unwritable],
    ['append sessions', 2, writes],
    ['read sessions', 2, unreadable],
    ['status sessions', 3, broken],
    ['read config', 4, unreadable],
    ['status config', 3, broken],
    ['write stdout', 4, prints],
    ['write stderr', 4, []],
    ['read stdin', 2, []],
  ];

/** What only batches, agents and proxies pass, and what is rare. They draw their own faults; here each is met by turns. */
export const rarer: typeof disk = [
  ['open results', 8, unwritable],
  ['append results', 6, writes],
  ['openToRead results', 6, unreadable],
  ['read results', 6, unreadable],
  ['status results', 8, broken],
  ['sync results', 4, syncs],
  ['rename results', 2, unwritable],
  ['write results', 1, writes],
  ['isTaken results', 3, []],
  ['realPath results', 2, []],
  ['syncDirectory results', 3, []],
  ['look into results', 1, []],
  ['create compacted', 3, unwritable],
  ['open compacted', 1, unwritable],
  ['write compacted', 4, writes],
  ['sync compacted', 2, syncs],
  ['remove compacted', 1, removals],
  ['open state', 2, unwritable],
  ['create state', 3, unwritable],
  ['write state', 6, writes],
  ['sync state', 6, syncs],
  ['rename state', 3, unwritable],
  ['openToRead state', 4, unreadable],
  ['status state', 2, broken],
  ['syncDirectory state', 3, []],
  ['remove state', 1, []],
  ['open lines', 1, unwritable],
  ['write lines', 2, writes],
  ['sync lines', 1, syncs],
  ['openToRead lines', 4, unreadable],
  ['isTaken lines', 3, []],
  ['realPath lines', 2, []],
  ['remove lines', 1, removals],
  ['create servers', 1, unwritable],
  ['write servers', 1, writes],
  ['rename servers', 1, unwritable],
  ['read servers', 1, unreadable],
  ['remove servers', 1, removals],
  ['look into ledger', 1, []],
  ['look into sessions', 1, []],
  ['write lock', 1, writes],
  ['open other', 6, unwritable],
  ['append other', 6, writes],
  ['read other', 1, unreadable],
];

/** Connections inside the machine: nothing fails there but the processes. */
export const loopback: typeof disk = [
  ['listen', 1, []],
  ['take request', 3, []],
  ['give reply', 20, []],
  ['receive from the proxy', 8, []],
];

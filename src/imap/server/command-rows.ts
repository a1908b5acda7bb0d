import { append, replace, uidReplace } from "./commands/append.ts";
import { authenticate } from "./commands/authenticate.ts";
import { check, close, expunge, uidExpunge, unselect } from "./commands/closing.ts";
import { cancelUpdate } from "./commands/cancel-update.ts";
import { capability, id, logout, noop, startTls } from "./commands/connection.ts";
import { compress } from "./commands/compress.ts";
import { copy, move, uidCopy, uidMove } from "./commands/copying.ts";
import { enable } from "./commands/enable.ts";
import { fetch, uidFetch } from "./commands/fetch.ts";
import { idle } from "./commands/idle.ts";
import { language } from "./commands/language.ts";
import { list, lsub, namespace } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { create, remove, rename, status, subscribe, unsubscribe } from "./commands/mailboxes.ts";
import { multiSearch } from "./commands/multi-search.ts";
import { getMetadata, setMetadata } from "./commands/metadata.ts";
import { notify } from "./commands/notify.ts";
import { getQuota, getQuotaRoot } from "./commands/quota.ts";
import { search, sort, uidSearch, uidSort } from "./commands/search.ts";
import { examine, select } from "./commands/select.ts";
import { store, uidStore } from "./commands/store.ts";
import { thread, uidThread } from "./commands/thread.ts";
import { unauthenticate } from "./commands/unauthenticate.ts";
import { uidBatches } from "./commands/uid-batches.ts";
import { xlist } from "./commands/xlist.ts";
import type { ImapRow } from "./command.ts";

/** Every command there is, in the order of RFC 9051 §6. */
export const commandRows: readonly ImapRow[] = [
  capability,
  noop,
  logout,
  id,
  startTls,
  authenticate,
  login,
  enable,
  language,
  compress,
  unauthenticate,
  select,
  examine,
  create,
  remove,
  rename,
  subscribe,
  unsubscribe,
  list,
  lsub,
  xlist,
  namespace,
  status,
  append,
  replace,
  uidReplace,
  idle,
  notify,
  getMetadata,
  setMetadata,
  getQuota,
  getQuotaRoot,
  close,
  unselect,
  check,
  expunge,
  uidExpunge,
  search,
  uidSearch,
  sort,
  uidSort,
  thread,
  uidThread,
  uidBatches,
  cancelUpdate,
  multiSearch,
  fetch,
  uidFetch,
  store,
  uidStore,
  copy,
  uidCopy,
  move,
  uidMove,
];

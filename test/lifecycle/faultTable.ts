import type { Fault } from "pulumi-kompliant/emulator";
import { type Cell as CellOf, cellsOf } from "../support/faultCells.js";

/**
 * What a fault makes of each operation. A column is an operation and the call of it that is hit; a cell is the calls
 * that are then made, in their order (c create, u update, d delete, l list), as a regular expression, and how it ends:
 * well; `!` with an error (a preview: with a warning); `~` with an error that says that the create may have succeeded.
 *
 *   create  the create of a create              created  the list that a create is read back by
 *   update  the update of an update             updated  the list that an update is read back by
 *   delete  the delete of a delete              gone     the list after a delete of what is gone already
 *   read    the list of a refresh               check    the list of a preview of something new
 *                                               again    the list of an update that completes an earlier one
 *
 * done: whether the call takes effect all the same. next: what the error says is to be done.
 */
const table = `
fault                         done | create      update      delete  | created updated gone read check again | next
latency                       yes  | cl          ul          d       | cl      ul      dl   l    l     l     |
drop                          no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
drop                          yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
reset                         no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
reset                         yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
never                         no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
never                         yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
cut                           no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
cut                           yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
200 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
200 html                      yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
200 json                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
204 empty                     yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
408 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
500 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
500 json                      yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
502 json                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 empty                     no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 html after 1              no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 html after 3600           no   | clcl        ulul        dl!     | cl!     ul!     dl!  l!   l!    l!    | later
504 html                      yes  | cl          ul          ddl     | cll     ull     dll  ll   ll    ll    |
429 html                      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 json                      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 empty after 0             no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after 3              no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after imf-fixdate    no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after rfc850         no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after asctime        no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after yesterday      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after -1             no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after soon           no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after 3600           no   | c!          u!          d!      | cl!     ul!     dl!  l!   l!    l!    | later
302 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
400 json                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
401 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
403 empty                     no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
404 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
404 json                      yes  | cl          ul          d!      | cl!     ul!     dl!  l!   l!    l!    | address
413 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
stale                         no   | -           -           -       | cll     ull     dll  l    l     l     | lag
all stale                     no   | -           -           -       | cl{4}!  ul{4}!  dl{4}!  l    l     l     | lag
all drop                      no   | (cl)+c?l?~  (ul)+u?l?!  d+l!    | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all drop                      yes  | cl          ul          d+l     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all never                     no   | (cl)+c?l?~  (ul)+u?l?!  d+l!    | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all never                     yes  | cl          ul          d+l     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all cut                       no   | (cl)+c?l?~  (ul)+u?l?!  d+l!    | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all 200 html                  yes  | cl          ul          d+l     | cl+!    ul+!    dl+! l+!  l+!   l+!   | address
all 200 html                  no   | (cl)+c?l?~  (ul)+u?l?!  d+l!    | cl+!    ul+!    dl+! l+!  l+!   l+!   | address
all 503 empty                 no   | (cl)+c?l?~  (ul)+u?l?!  d+l!    | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 504 html                  yes  | cl          ul          d+l     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html                  no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html after 0          no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html after 1          no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
`;

export const scenes = [
  "create",
  "update",
  "delete",
  "created",
  "updated",
  "gone",
  "read",
  "check",
  "again",
] as const;
/** An operation and the call of it that is hit: a column of the table. */
export type Scene = (typeof scenes)[number];

/** What one fault makes of one operation. */
export type Cell = CellOf<Scene>;

export const cells: readonly Cell[] = cellsOf(table, scenes);

/** The call that a column is about. */
export const hit: Record<Scene, Fault["method"]> = {
  create: "create",
  update: "update",
  delete: "delete",
  created: "list",
  updated: "list",
  gone: "list",
  read: "list",
  check: "list",
  again: "list",
};

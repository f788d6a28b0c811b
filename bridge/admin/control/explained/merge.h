/* merge.h - makes one account of those that workers have given of a message. Pure. */
#ifndef BRIDGE_ADMIN_CONTROL_EXPLAINED_MERGE_H
#define BRIDGE_ADMIN_CONTROL_EXPLAINED_MERGE_H

struct json_t;

/* accounts (borrowed): an array of objects as account.h has them. Returns new: a message as it is
 * told, see dragoman(1); times in it are microseconds since it came in, "after_us". */
struct json_t *merge_accounts(const struct json_t *accounts);

#endif

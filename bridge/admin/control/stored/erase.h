/* erase.h - the verb erase: a person goes, out of what is stored and out of what rooms remember. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_ERASE_H
#define BRIDGE_ADMIN_CONTROL_STORED_ERASE_H

#include "bridge/admin/control/calls.h"
#include "bridge/durable/erasing.h"

/* Main thread. */
void erase_serve(struct call *call);

/* What is said of a name that is nobody's, or several people's. Returns new (free()): NULL when it
 * is one person's. Any thread, as what follows. */
char *erase_doubt(const char *name, const struct finding *finding);

/* Returns new: the result of one that is done. name: may be absent. */
struct json_t *erase_result(uint32_t number, struct slice name, const struct erased *counts);

#endif

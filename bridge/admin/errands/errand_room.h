/* errand_room.h - rooms that clients make, open or close to others, and remove. For errands.c,
 * which begins with one of these; errand_end() follows. Main thread. */
#ifndef BRIDGE_ADMIN_ERRANDS_ERRAND_ROOM_H
#define BRIDGE_ADMIN_ERRANDS_ERRAND_ROOM_H

#include "bridge/admin/errands/errand.h"

void errand_make_room(struct errand *errand);
void errand_open_room(struct errand *errand);
void errand_remove_room(struct errand *errand);

#endif

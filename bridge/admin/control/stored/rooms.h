/* rooms.h - the verbs on rooms made at run time: they are there once they are stored. Main thread.
 */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_ROOMS_H
#define BRIDGE_ADMIN_CONTROL_STORED_ROOMS_H

struct call;

void room_add_serve(struct call *call);
void room_remove_serve(struct call *call);

#endif

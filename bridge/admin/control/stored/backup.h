/* backup.h - the verb backup: where what is stored is. Who asks makes the copy: as its own user,
 * from where it is, and without a thread of the server's. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_BACKUP_H
#define BRIDGE_ADMIN_CONTROL_STORED_BACKUP_H

#include "bridge/admin/control/calls.h"

/* Main thread. */
void backup_serve(struct call *call);

#endif

/* capture.h - `dragoman capture`: what passes at the connections, for who operates the server. One
 * at a time; the log says when it begins and ends, and who asked. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_WATCH_CAPTURE_H
#define BRIDGE_ADMIN_CONTROL_WATCH_CAPTURE_H

#include "bridge/admin/control/calls.h"

/* Rows are texts: the lines of bridge/core/capture/capture.h, of each worker in their order, behind
 * one that tells what they are of, and before one that says that it ended. */
void capture_serve(struct call *call);

#endif

/* speech.h - the verbs say and roles. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_SPEECH_H
#define BRIDGE_ADMIN_CONTROL_SPEECH_H

#include "bridge/admin/control/calls.h"

void say_serve(struct call *call);
void roles_serve(struct call *call);

#endif

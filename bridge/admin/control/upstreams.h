/* upstreams.h - the verbs upstreams, upstreams pause and upstreams resume. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_UPSTREAMS_H
#define BRIDGE_ADMIN_CONTROL_UPSTREAMS_H

#include "bridge/admin/control/calls.h"

#define UPSTREAM_LINKS_SHOWN 100

void upstreams_serve(struct call *call);
void upstreams_pause_serve(struct call *call);
void upstreams_resume_serve(struct call *call);

#endif

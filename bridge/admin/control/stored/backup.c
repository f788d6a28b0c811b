#include "bridge/admin/control/stored/backup.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

void backup_serve(struct call *call)
{
	const struct bridge *bridge = call->calls->bridge;
	char folder[PATH_MAX];

	if (!bridge->store)
		call_fail(call, 1, "not_stored",
			  "this server stores nothing: it has no state, or "
			  "the storage engine memory");
	else if (!realpath(bridge->conf->state, folder))
		call_fail(call, 1, "no_folder", "%s: %s", bridge->conf->state, strerror(errno));
	else
		call_end(call, json_pack("{s:o}", "state", json_of(slice_of(folder))));
}

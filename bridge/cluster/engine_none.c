/* In the place of nats/, which is built with NATS=yes only. */
#include <string.h>

#include "bridge/cluster/engine_nats.h"

#define NOT_BUILT "this dragoman was built without NATS (make NATS=yes)"

bool engine_nats_built(void)
{
	return false;
}

struct cluster_log *engine_nats_open(const struct engine_nats_options *options,
				     const struct log_listener *listener, FILE *errors)
{
	(void)options;
	(void)listener;
	fprintf(errors, "%s\n", NOT_BUILT);
	return NULL;
}

bool engine_nats_probe(const struct engine_nats_options *options, struct engine_nats_probe *probe)
{
	(void)options;
	memset(probe, 0, sizeof(*probe));
	snprintf(probe->fault, sizeof(probe->fault), "%s", NOT_BUILT);
	return false;
}

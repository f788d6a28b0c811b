#include "conf/check/upstream_find.h"

#include <string.h>

const struct conf_upstream *upstream_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->upstream_count; i++)
		if (strcmp(conf->upstreams[i].name, name) == 0)
			return &conf->upstreams[i];
	return NULL;
}

bool upstream_is_session(const struct conf_upstream *upstream)
{
	return strcmp(upstream->mode, CONF_SESSION) == 0;
}

#include "bridge/core/bridge.h"

#include "conf/conf.h"

const char *listener_address(const struct listener_info *listener)
{
	return listener->bound[0] ? listener->bound : listener->conf->address;
}

bool bridge_is_closed(const struct bridge *bridge)
{
	return atomic_load_explicit(&bridge->phase, memory_order_relaxed) >= BRIDGE_DRAINING;
}

unsigned backend_owner(const struct bridge *bridge, size_t index)
{
	return (unsigned)(index % bridge->worker_count);
}

/* From the other end, so that a tap does not share its thread with the first backends. */
unsigned tap_owner(const struct bridge *bridge, size_t index)
{
	return (unsigned)(bridge->worker_count - 1 - index % bridge->worker_count);
}

const struct mount *bridge_mount(const struct listener_info *listener, struct slice path)
{
	if (path.len > 1 && path.data[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < listener->mount_count; i++)
		if (slice_is(path, listener->mounts[i].path))
			return &listener->mounts[i];
	return NULL;
}

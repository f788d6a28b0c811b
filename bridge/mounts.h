/* mounts.h - mounts as a configuration says, with the order of their logins, and the keys by which
 * JWTs are judged there. Main thread. */
#ifndef BRIDGE_MOUNTS_H
#define BRIDGE_MOUNTS_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/core/bridge.h"

struct conf_mount;

/* Fills in a zeroed mount; bridge has its rooms. Borrows conf. False after an error, which is told;
 * mount_clear() all the same. */
bool mount_make(struct bridge *bridge, struct mount *mount, const struct conf_mount *conf,
		FILE *errors) __attribute__((warn_unused_result));

void mount_clear(struct mount *mount);

/* Reads the keys of JWTs again. One that cannot be read is logged, and the old one stays. */
void mounts_renew(struct bridge *bridge);

#endif

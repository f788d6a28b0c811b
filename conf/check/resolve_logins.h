/* resolve_logins.h - by what people log in at a mount: directives that depend on each other. Called
 * by resolve.c. */
#ifndef CONF_CHECK_RESOLVE_LOGINS_H
#define CONF_CHECK_RESOLVE_LOGINS_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Does logins of a mount have that word (CONF_LOGIN_...)? Called for setup, too. */
bool mount_logs_in_by(const struct conf_mount *mount, const char *word);

/* Checks logins, auth, guests and what JWTs need. With logins, they say whether guests may come. */
void resolve_logins(struct reader *reader, struct config_setting_t *group,
		    struct conf_mount *mount);

#endif

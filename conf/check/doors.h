/* doors.h - the paths of HTTP that the dialects of one listener answer. */
#ifndef CONF_CHECK_DOORS_H
#define CONF_CHECK_DOORS_H

#include "conf/read/reader.h"

struct config_setting_t;

/* No path belongs to two of them, or is that of a mount. list: the mounts, as written. */
void check_doors(struct reader *reader, struct config_setting_t *list,
		 const struct conf_listener *listener, const struct conf_known *known);

#endif

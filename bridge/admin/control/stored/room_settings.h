/* room_settings.h - a room made at run time as the store has it: an object of JSON. Pure. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_ROOM_SETTINGS_H
#define BRIDGE_ADMIN_CONTROL_STORED_ROOM_SETTINGS_H

#include <stdbool.h>

#include "bridge/durable/lasting.h"
#include "codecs/text/slice.h"
#include "conf/made.h"

/* For the store. */
void room_settings_print(const struct conf_made *made, char settings[LASTING_SETTINGS_MAX]);

/* As it was stored; its name is in name. False: it makes no sense; *made may have been changed. */
bool room_settings_read(struct slice settings, struct conf_made *made, char name[LASTING_ROOM_MAX])
    __attribute__((warn_unused_result));

#endif

#include "conf/read/marks.h"

#include <libconfig.h>
#include <stdint.h>

bool setting_has(const struct config_setting_t *setting, enum mark mark)
{
	return setting && ((uintptr_t)config_setting_get_hook(setting) & mark) != 0;
}

void setting_mark(struct config_setting_t *setting, enum mark mark)
{
	for (; setting; setting = mark == MARK_WRONG ? config_setting_parent(setting) : NULL) {
		uintptr_t marks = (uintptr_t)config_setting_get_hook(setting);

		config_setting_set_hook(setting, (void *)(marks | mark));
	}
}

/* marks.h - what is known of a setting in the tree beside its value. */
#ifndef CONF_READ_MARKS_H
#define CONF_READ_MARKS_H

#include <stdbool.h>

struct config_setting_t;

enum mark {
	MARK_BAD = 1,  /* a fault is told of its value, which says nothing */
	MARK_LOST = 2, /* something inside could not be read: what is missing may stand there */
	MARK_WRONG = 4 /* a fault is told of it, or of something inside */
};

/* Of any setting; NULL: no. */
bool setting_has(const struct config_setting_t *setting, enum mark mark);

/* Marks one, and with MARK_WRONG all around it. */
void setting_mark(struct config_setting_t *setting, enum mark mark);

#endif

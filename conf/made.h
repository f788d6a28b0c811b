/* made.h - rooms that are made at run time, as a configuration has them. */
#ifndef CONF_MADE_H
#define CONF_MADE_H

#include "conf/conf.h"

/* What is said of a room when it is made. */
struct conf_made {
	const char *name;
	bool open;
	int64_t history, remembered; /* 0 of remembered: as a file that does not say */
	struct conf_people admins, members;
	uint32_t owner; /* the number of the person who made it; 0: an operator */
};

/* A configuration that has these rooms (borrows; at least one) alone, with what a file leaves out,
 * and marked as made. Errors go to report. Returns new, or NULL when there was any. About a
 * millisecond, however many they are. */
struct conf *conf_make_rooms(const struct conf_made *made, size_t count,
			     const struct conf_known *known, struct conf_report *report);

/* Appends the rooms of other (takes) to those of conf. */
void conf_take_rooms(struct conf *conf, struct conf *other);

#endif

/* nick_format.h - what stands before a text of somebody else's at an upstream: a template with
 * fields. */
#ifndef CONF_TABLE_NICK_FORMAT_H
#define CONF_TABLE_NICK_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum nick_field {
	NICK_NAME,    /* of the author, as shown */
	NICK_DIALECT, /* that it was said in */
	NICK_ROOM,    /* of ours */
	NICK_NUMBER,  /* of the author */
	NICK_ROLES,
	NICK_FIELDS
};

/* As they are written, by enum nick_field; NULL-terminated. */
extern const char *const nick_field_names[NICK_FIELDS + 1];

/* A part of a template. Borrows from it. */
struct nick_part {
	const char *text; /* as it stands; of a field its name, without braces */
	size_t len;
	bool field;            /* it stands in braces */
	enum nick_field which; /* NICK_FIELDS: a field that there is not (checked) */
};

/* Takes the next part from *at, which points into a template and is moved behind it. A brace
 * without its other one is text. False: that was all. Called for checks, and by who fills it in. */
bool nick_format_next(const char **at, struct nick_part *part);

#endif

/* input.h - the lines that dragoman translate reads: who says which frame.
 *
 *	FRAME               the default person says it
 *	NAME: FRAME         NAME does; NAME@ROLE: FRAME, who has that role in the room
 *	NAME:               NAME comes in;  NAME: leaves
 *
 * Empty lines, and those that begin with '#', say nothing. Pure. */
#ifndef BRIDGE_COMMAND_TRANSLATE_INPUT_H
#define BRIDGE_COMMAND_TRANSLATE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/slice.h"

enum input_kind { INPUT_NOTHING, INPUT_FRAME, INPUT_ENTERS, INPUT_LEAVES };

struct input {
	enum input_kind kind;
	struct slice name; /* absent: not said. Borrows from the line */
	uint32_t role;     /* enum person_role; 0: not said */
	struct slice frame;
};

/* Reads one, without its end. What cannot be a name is a frame. */
void input_read(struct slice line, struct input *out);

#endif

/* json_type.h - what a value of JSON may be. */
#ifndef CODECS_TEXT_JSON_TYPE_H
#define CODECS_TEXT_JSON_TYPE_H

enum json_type {
	JSON_ABSENT, /* no such member */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

#endif

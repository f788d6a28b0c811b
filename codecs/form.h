/* form.h - numbers for forms: who has the same number is sent the same bytes.
 *
 * A session's number follows from its dialect, the framing of its connection and the capabilities
 * it asked for, and changes with these. Nothing has to be told in time: who has a number that a
 * broadcast was not made for, or a set of capabilities that no number stands for, is given a
 * frame of its own (bridge/client/deliver.c). Pure. */
#ifndef CODECS_FORM_H
#define CODECS_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/codec.h"

/* Numbers of shared forms are below this: one bit each of a set of forms, a uint64_t. The first
 * half is CODEC_FORMS_MAX for each dialect; the second the same forms, with messages compressed.
 * Above are those that share no frames, one for each dialect. */
#define FORMS_MAX   64
#define FORMS_PLAIN (FORMS_MAX / 2)

/* All numbers are below this. */
#define FORM_NUMBERS (FORMS_MAX + FORMS_PLAIN / CODEC_FORMS_MAX)

/* The number of a form of the dialect of that index (below FORMS_PLAIN / CODEC_FORMS_MAX), whose
 * codec it is; not compressed. */
uint32_t form_number(size_t dialect, const struct codec *codec, const struct form *form);

/* The number of whoever shares no frames, of the dialect of that index. */
static inline uint32_t form_alone(size_t dialect)
{
	return FORMS_MAX + (uint32_t)dialect;
}

/* Does it stand for one form, whose frames are shared? */
static inline bool form_is_shared(uint32_t number)
{
	return number < FORMS_MAX;
}

/* Are its messages compressed, where that saves something? Only for shared ones. */
static inline bool form_is_compressed(uint32_t number)
{
	return number >= FORMS_PLAIN;
}

/* The number of the same form with messages compressed, of one that form_number() returned. What is
 * made for one peer alone is not compressed: its own number then. */
static inline uint32_t form_compressed(uint32_t number)
{
	return form_is_shared(number) ? number + FORMS_PLAIN : number;
}

/* And back: for compressed ones. */
static inline uint32_t form_plain(uint32_t number)
{
	return number - FORMS_PLAIN;
}

/* The index of its dialect. */
static inline size_t form_dialect(uint32_t number)
{
	return number < FORMS_MAX ? number % FORMS_PLAIN / CODEC_FORMS_MAX : number - FORMS_MAX;
}

/* What a number stands for; compressed is what is made of it later. codec: its dialect's. Only for
 * shared ones. Borrows from codec. */
static inline const struct form *form_shared(uint32_t number, const struct codec *codec)
{
	return &codec->forms[number % CODEC_FORMS_MAX];
}

#endif

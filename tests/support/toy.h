/* toy.h - a dialect that nobody speaks but the tests: what a fifth codec brings along, and where it
 * has to be registered. Rooms have names in it, people say them, and nothing else of the program
 * knows that it is there.
 *
 *	?name=eve                              logs in
 *	{"say":"hi","in":"room"}               says something; "in" may be left out
 *	{"join":"room"}   {"part":"room"}
 *	{"from":"ann","in":"room","said":"hi"} is heard; from null: the bridge
 *	{"who":"ann","in":"room","is":"here"}  or "gone"; "out" of oneself: kicked, with "why"
 *	{"no":"unknown_room"}                  is told who asked for what cannot be */
#ifndef TESTS_SUPPORT_TOY_H
#define TESTS_SUPPORT_TOY_H

#include "codecs/codec.h"

/* For registry_add(). */
extern const struct codec codec_toy;

#endif

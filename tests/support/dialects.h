/* dialects.h - the dialects that are built in, by their places in the registry, for the tables of
 * the tests (tests/codecs/test_registry.c compares them with it). Outside codecs/ and the tests
 * nobody knows a dialect by a constant. */
#ifndef TESTS_SUPPORT_DIALECTS_H
#define TESTS_SUPPORT_DIALECTS_H

#include "codecs/registry.h"

enum dialect { DIALECT_MIXER, DIALECT_CONCORD, DIALECT_ROOMS, DIALECT_SIMPLE, DIALECTS };

#endif

/* codec_fuzz.h - any bytes as one connection of a dialect, for the fuzz drivers of the codecs.
 *
 * The first line: letters for how the connection is, and, behind a blank, what its upgrade request
 * says. q: in the query; a: in Authorization; neither: nothing. l: it is logged in, whatever its
 * handshake brought; s: strict; n: framed as lines. Each line below is a frame. */
#ifndef TESTS_SUPPORT_CODEC_FUZZ_H
#define TESTS_SUPPORT_CODEC_FUZZ_H

#include "codecs/codec.h"

/* Ends the process when the codec breaks a promise of codec.h. */
void codec_fuzz(const struct codec *codec, const unsigned char *data, size_t size);

#endif

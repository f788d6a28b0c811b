/* frame_measure.h - where a frame ends that a server wrote (RFC 6455 section 5.2). */
#ifndef TESTS_SUPPORT_FRAME_MEASURE_H
#define TESTS_SUPPORT_FRAME_MEASURE_H

#include <stddef.h>

/* Length of the frame at bytes, its header (in *header) included; 0: not a whole frame. */
size_t frame_measure(const unsigned char *bytes, size_t len, size_t *header);

#endif

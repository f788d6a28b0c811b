/* Frames of the concord dialect off any bytes; see codec_fuzz.h for the input. */
#include <stdint.h>

#include "codecs/registry.h"
#include "tests/support/codec_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	codec_fuzz(&codec_concord, data, size);
	return 0;
}

/* hash.h - uthash's tables, which take their memory as all others do: who runs out of it ends in
 * memory.h and not in uthash's exit(). Nothing else includes uthash. */
#ifndef CODECS_TEXT_HASH_H
#define CODECS_TEXT_HASH_H

#include <stdlib.h>

#include "codecs/text/memory.h"

#define uthash_malloc(size)      memory_new(size)
#define uthash_free(block, size) free(block)
#define uthash_fatal(message)    abort()
#include <uthash.h>

#endif

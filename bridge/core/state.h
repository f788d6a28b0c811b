/* state.h - the state folder: the instance's key and the high-water mark of ids, so that a
 * restart neither changes what ids look like nor gives one twice. At start; what is written later
 * waits for the disk, so not on a thread that serves anybody. */
#ifndef BRIDGE_CORE_STATE_H
#define BRIDGE_CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "codecs/model/identity.h"

/* Reads folder/key (16 bytes, made with mode 0600 when missing) and folder/ids (0 when missing):
 * no id was given at or after *mark_ms. The folder is made (0700) when missing. False after an
 * error, which is written to errors. */
bool state_open(const char *folder, struct id_key *key, uint64_t *mark_ms, FILE *errors)
    __attribute__((warn_unused_result));

/* Reads the key alone, of a server that does not run, and makes nothing; a missing one stays as it
 * is. False: as above. */
bool state_key(const char *folder, struct id_key *key, FILE *errors)
    __attribute__((warn_unused_result));

/* Reads that mark alone, and makes nothing. False: as above. */
bool state_mark(const char *folder, uint64_t *mark_ms, FILE *errors)
    __attribute__((warn_unused_result));

/* Writes the mark (see bridge/core/ids.h). False when it could not be written. */
bool state_reserve(const char *folder, uint64_t mark_ms) __attribute__((warn_unused_result));

/* Waits until the disk has what the folder of that path says of it: else a crash may bring back the
 * file that had the name before. False: errno says why. Any thread. */
bool state_sync_name(const char *path) __attribute__((warn_unused_result));

#endif

/* read_buffers.h - the buffers that libwebsockets keeps for each connection, for frames that do not
 * arrive in one piece. Most are never written to; from malloc() each would still cost a page for
 * the allocator's own notes. Here they lie side by side with nothing between, so that a
 * connection at rest costs address space only. One pool for the process; any thread. */
#ifndef BRIDGE_NET_READ_BUFFERS_H
#define BRIDGE_NET_READ_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

#define READ_BUFFER_MAX 36864 /* bytes; whole pages */

/* A buffer of size bytes, its content undefined. Returns new, or NULL: larger than
 * READ_BUFFER_MAX, or there are as many as the process may have files open. */
void *read_buffer_take(size_t size);

/* Takes buffer back, and its memory from the process. False: it is none of these (NULL, for one).
 */
bool read_buffer_give(void *buffer) __attribute__((warn_unused_result));

#endif

/* tls_buffers.h - memory for OpenSSL's large buffers, which live for one record or one handshake.
 * Left among the small blocks that stay as long as their connection, they make holes of 16 KiB
 * that nothing else fills: a connection took 36 KiB where it needs less than 20. So they come out
 * of a place of their own. */
#ifndef BRIDGE_NET_TLS_BUFFERS_H
#define BRIDGE_NET_TLS_BUFFERS_H

/* Makes OpenSSL use it, for the life of the process. Called by main() before anything else can
 * use OpenSSL; later, or without room for the place, it changes nothing. */
void tls_buffers_use(void);

#endif

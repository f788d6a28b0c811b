/* notify.h - tells the service manager how the server is, by the protocol of sd_notify(3): lines
 * in a datagram to the Unix socket that $NOTIFY_SOCKET names. Without the variable nothing is told.
 *
 * These few lines are our own, not libsystemd's: its manual documents the protocol as stable and
 * to be implemented, for programs that do not want the library, which brings four others along.
 *
 * Main thread. Never blocks: what the manager does not take at once is told by notify_again(). */
#ifndef BRIDGE_SERVICE_NOTIFY_H
#define BRIDGE_SERVICE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_STATUS_MAX 200 /* bytes of a status, then it is clipped */

/* Clients can come: at the start, and when a reload is over, whatever came of it. status: what
 * `systemctl status` shows, one line; borrowed. */
void notify_ready(const char *status);

/* A reload begins. notify_ready() has to follow. */
void notify_reloading(void);

/* The server ends, which may take that many more ms before it tells something again. */
void notify_stopping(const char *status, uint64_t more_ms);

/* Everything turns: restarts the manager's watchdog. */
void notify_alive(void);

/* Tells what the manager did not take. Every second or so. */
void notify_again(void);

/* After how many ms without notify_alive() the manager ends this process ($WATCHDOG_USEC); 0: it
 * does not. */
uint64_t notify_watchdog_ms(void);

#endif

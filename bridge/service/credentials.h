/* credentials.h - systemd's credentials: secrets that the service manager hands to the process as
 * files in a folder of its own (LoadCredential= and the like). */
#ifndef BRIDGE_SERVICE_CREDENTIALS_H
#define BRIDGE_SERVICE_CREDENTIALS_H

/* That folder ($CREDENTIALS_DIRECTORY), an absolute path; NULL: there is none. Borrows from the
 * environment. Called for who reads a configuration, and for keys. */
const char *credentials_folder(void);

#endif

#include "capture/fd_write.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* A descriptor that somebody else made non-blocking: wait until it takes more. */
static bool may_try_again(int fd)
{
  struct pollfd wait = {.fd = fd, .events = POLLOUT};

  return errno == EINTR || (errno == EAGAIN && (poll(&wait, 1, -1) >= 0 || errno == EINTR));
}

int fd_write(int fd, Slice octets)
{
  while (octets.len > 0) {
    ssize_t n = write(fd, octets.data, octets.len);
    if (n >= 0)
      octets = slice_from(octets, (size_t) n);
    else if (!may_try_again(fd))
      return errno;
  }
  return 0;
}

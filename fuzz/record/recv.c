/* Writes what a process receives from HTTP clients to files in the folder RECORD_TO. It is preloaded into the test suite
   (LD_PRELOAD), whose mocks receive with recv. A buffer that begins with a method begins a file; the buffers that follow
   on the same descriptor are appended to it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define DESCRIPTORS 65536
#define LONGEST 16384

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int files[DESCRIPTORS];     /* The number of the file of each descriptor, or 0. */
static size_t lengths[DESCRIPTORS];
static int last;

static int begins_request(const char *bytes, size_t length) {
  const char *methods[] = {"GET ", "PUT ", "POST ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH "};
  for (size_t n = 0; n < sizeof methods / sizeof *methods; n++)
    if (length > strlen(methods[n]) && !memcmp(bytes, methods[n], strlen(methods[n]))) return 1;
  return 0;
}

static void record(int fd, const char *bytes, size_t length) {
  const char *folder = getenv("RECORD_TO");
  if (!folder || fd < 0 || fd >= DESCRIPTORS) return;
  pthread_mutex_lock(&lock);
  if (begins_request(bytes, length)) {
    files[fd] = ++last;
    lengths[fd] = 0;
  } else if (length > 5 && !memcmp(bytes, "HTTP/", 5)) {
    files[fd] = 0; /* The descriptor is that of a client. */
  }
  if (files[fd] && lengths[fd] + length <= LONGEST) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%d-%06d", folder, getpid(), files[fd]);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
      if (write(file, bytes, length) < 0) perror(path);
      close(file);
    }
    lengths[fd] += length;
  } else {
    files[fd] = 0;
  }
  pthread_mutex_unlock(&lock);
}

ssize_t recv(int fd, void *buffer, size_t length, int flags) {
  static ssize_t (*real)(int, void *, size_t, int);
  if (!real) real = (ssize_t (*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
  ssize_t got = real(fd, buffer, length, flags);
  if (got > 0 && !(flags & MSG_PEEK)) record(fd, buffer, (size_t)got);
  return got;
}

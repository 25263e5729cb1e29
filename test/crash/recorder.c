/*
 * Preloaded into a process (LD_PRELOAD), this records what it asks of the files below
 * CRASH_ROOT, in order, into CRASH_LOG: names made and removed, writes with their bytes,
 * truncations, and what was forced to the disk. On request it lets calls fail instead:
 * "<write|sync|create> <how many go well first> <errno>" in CRASH_FAULT, or written to the file
 * "fault" there, arms it; anything else written there disarms it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FDS 4096
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[MOST_FDS];
static int output = -1;
static const char *root;
static char fault_kind = 0;
static int fault_after, fault_errno;

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t plain_write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return real(fd, data, size);
}

static void arm(const char *text, size_t size) {
  char copy[100], kind[20];
  if (size >= sizeof copy) return;
  memcpy(copy, text, size);
  copy[size] = 0;
  fault_kind = sscanf(copy, "%19s %d %d", kind, &fault_after, &fault_errno) == 3 ? kind[0] : 0;
}

static void prepare(void) {
  if (root || !(root = getenv("CRASH_ROOT"))) return;
  REAL(int, "open", const char *, int, ...);
  const char *name = getenv("CRASH_LOG"), *fault = getenv("CRASH_FAULT");
  if (fault) arm(fault, strlen(fault));
  if (name) output = real(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_watched(const char *path) {
  prepare();
  if (!root || !path || strncmp(path, root, strlen(root)) != 0) return 0;
  char next = path[strlen(root)];
  return next == '/' || next == 0;
}

/* One record: kind, object, offset, size, and so many bytes. */
static void put(char kind, uint64_t object, uint64_t offset, const void *data, uint32_t size) {
  unsigned char head[21];
  if (output < 0) return;
  head[0] = (unsigned char)kind;
  memcpy(head + 1, &object, 8);
  memcpy(head + 9, &offset, 8);
  memcpy(head + 17, &size, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)data, size}};
  if (writev(output, parts, 2) != (ssize_t)(sizeof head + size)) abort();
}

static void put_names(char kind, uint64_t object, const char *a, const char *b) {
  char both[2 * PATH_MAX];
  int size = snprintf(both, sizeof both, "%s%s%s", a, b ? "\n" : "", b ? b : "");
  put(kind, object, 0, both, (uint32_t)size);
}

static uint64_t object_of(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 ? found.st_ino : 0;
}

static const char *watched(int fd) { return fd >= 0 && fd < MOST_FDS ? paths[fd] : NULL; }
static int ends(const char *path, const char *end) {
  size_t a = strlen(path), b = strlen(end);
  return a >= b && strcmp(path + a - b, end) == 0;
}
/* Shared memory is never on the disk. */
static int is_kept(const char *path) { return !ends(path, "-shm"); }

static int fails(char kind, const char *path) {
  if (fault_kind != kind || ends(path, "/fault") || ends(path, "/acks")) return 0;
  if (fault_after-- > 0) return 0;
  fault_after = 0;
  errno = fault_errno;
  return 1;
}

static int opened(int fd, const char *path, int existed) {
  if (fd < 0 || fd >= MOST_FDS) return fd;
  pthread_mutex_lock(&lock);
  free(paths[fd]);
  paths[fd] = strdup(path);
  if (!existed && is_kept(path)) put_names('C', object_of(fd), path, NULL);
  pthread_mutex_unlock(&lock);
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, int); \
    va_end(rest); \
    REAL(int, #name, const char *, int, ...); \
    if (!is_watched(path)) return real(path, flags, mode); \
    int existed = access(path, F_OK) == 0; \
    if (!existed && (flags & O_CREAT) && fails('c', path)) return -1; \
    return opened(real(path, flags, mode), path, existed); \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  REAL(int, "close", int);
  if (fd >= 0 && fd < MOST_FDS && paths[fd]) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return real(fd);
}

static ssize_t written(int fd, const void *data, off64_t offset, ssize_t done) {
  if (done > 0 && is_kept(paths[fd])) {
    pthread_mutex_lock(&lock);
    if (ends(paths[fd], "/fault")) arm(data, (size_t)done);
    else put('W', object_of(fd), (uint64_t)offset, data, (uint32_t)done);
    pthread_mutex_unlock(&lock);
  }
  return done;
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t size, off64_t offset) { \
    REAL(ssize_t, #name, int, const void *, size_t, off64_t); \
    if (!watched(fd)) return real(fd, data, size, offset); \
    if (fails('w', paths[fd])) return -1; \
    return written(fd, data, offset, real(fd, data, size, offset)); \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t size) {
  if (!watched(fd)) return plain_write(fd, data, size);
  if (fails('w', paths[fd])) return -1;
  ssize_t done = plain_write(fd, data, size);
  return written(fd, data, lseek64(fd, 0, SEEK_CUR) - (done > 0 ? done : 0), done);
}

#define TRUNCATE(name) \
  int name(int fd, off64_t size) { \
    REAL(int, #name, int, off64_t); \
    int done = real(fd, size); \
    if (done == 0 && watched(fd) && is_kept(paths[fd])) put('T', object_of(fd), (uint64_t)size, NULL, 0); \
    return done; \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

static int synced(int fd, int done) {
  struct stat found;
  if (done != 0 || fstat(fd, &found) != 0) return done;
  pthread_mutex_lock(&lock);
  if (S_ISDIR(found.st_mode)) put_names('D', 0, paths[fd], NULL);
  else if (is_kept(paths[fd])) put('S', found.st_ino, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return done;
}

#define SYNC(name) \
  int name(int fd) { \
    REAL(int, #name, int); \
    if (!watched(fd)) return real(fd); \
    if (fails('s', paths[fd])) return -1; \
    return synced(fd, real(fd)); \
  }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  int done = real(path);
  if (done == 0 && is_watched(path) && is_kept(path)) put_names('U', 0, path, NULL);
  return done;
}

int remove(const char *path) {
  REAL(int, "remove", const char *);
  int done = real(path);
  if (done == 0 && is_watched(path) && is_kept(path)) put_names('U', 0, path, NULL);
  return done;
}

int link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  int done = real(from, to);
  if (done == 0 && is_watched(to)) put_names('L', 0, from, to);
  return done;
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  int done = real(from, to);
  if (done == 0 && is_watched(to)) put_names('R', 0, from, to);
  return done;
}

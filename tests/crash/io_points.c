// Preloaded into the program by the crash tests: numbers every call that changes something below one folder, and kills,
// stops, signals or fails at the call that the test names; or records all calls for the model of a power cut.
//
//   IO_ROOT     the folder; calls elsewhere are not numbered
//   IO_MODE     count | record | kill_before | kill_inside | kill_after | stop | signal | fail | short | fail_from
//               (kill_inside: after half of a write)
//   IO_N        number of the call, from 1
//   IO_N2       signal: number of a second call at which it is sent once more; fail_from: of a call at which it is sent
//   IO_ERRNO    errno of fail and fail_from
//   IO_SIGNAL   number of the signal;  IO_SIGNAL2  of the one at IO_N2, when it is another
//   IO_TRACE    file that gets one line per call; in mode record, the written bytes follow the line
//   IO_CLOCK    seconds by which the wall clock is wrong, or "frozen", or "backwards" (each look is a minute earlier)
//   IO_STEADY   "N S": from call N on the monotonic clock is S seconds ahead
//
// fail_from with ENOSPC is a full disk: what needs space fails, removing and cutting works. With another errno everything fails.
// Not seen: what the C library calls by itself (stdio's writes). The program uses none; crash.py compares with strace.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { max_files = 4096 };
enum kind { foreign = 0, reading, writing, directory };
enum mode { off, count, record, kill_before, kill_inside, kill_after, stop, send_signal, fail, short_write, fail_from };
static const char* const mode_names[] = {"off",  "count",  "record", "kill_before", "kill_inside", "kill_after",
                                         "stop", "signal", "fail",   "short",       "fail_from"};

static enum mode mode;
static char root[PATH_MAX];
static size_t root_length;
static long target, second_target, calls;
static int wanted_errno, wanted_signal, second_signal, trace = -1;
static long steady_from, steady_jump;
static struct {
  enum kind kind;
  char* path;
} files[max_files];
static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static long number(const char* name) {
  const char* text = getenv(name);
  return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
  const char* wanted = getenv("IO_MODE");
  const char* folder = getenv("IO_ROOT");
  for (size_t m = 0; wanted && m < sizeof mode_names / sizeof *mode_names; ++m)
    if (strcmp(wanted, mode_names[m]) == 0) mode = (enum mode)m;
  if (folder) snprintf(root, sizeof root, "%s", folder);
  root_length = strlen(root);
  if (root_length == 0) mode = off;
  target = number("IO_N");
  second_target = number("IO_N2");
  wanted_errno = (int)number("IO_ERRNO");
  wanted_signal = (int)number("IO_SIGNAL");
  second_signal = getenv("IO_SIGNAL2") ? (int)number("IO_SIGNAL2") : wanted_signal;
  const char* steady = getenv("IO_STEADY");
  if (steady) sscanf(steady, "%ld %ld", &steady_from, &steady_jump);
}

// The real function behind ours.
#define REAL(name) ((__typeof__(&name))real(#name))
static void* real(const char* name) {
  void* function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

// --- which calls are ours ---------------------------------------------------------------------------------------------

// The path as it is from "/", in `full`; true when it lies below the root.
static int below_root(int at, const char* path, char* full) {
  if (mode == off || !path) return 0;
  if (path[0] == '/') {
    snprintf(full, PATH_MAX, "%s", path);
  } else {
    char base[PATH_MAX] = "";
    if (at == AT_FDCWD) {
      if (!getcwd(base, sizeof base)) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", at);
      const ssize_t length = readlink(link, base, sizeof base - 1);
      if (length < 0) return 0;
      base[length] = 0;
    }
    const size_t length = strlen(base);
    if (length + strlen(path) + 2 > PATH_MAX) return 0;
    memcpy(full, base, length);
    full[length] = '/';
    strcpy(full + length + 1, path);
  }
  return strncmp(full, root, root_length) == 0 && (full[root_length] == '/' || full[root_length] == 0);
}

static enum kind kind_of(int descriptor) {
  return descriptor >= 0 && descriptor < max_files ? files[descriptor].kind : foreign;
}
static const char* path_of(int descriptor) { return files[descriptor].path ? files[descriptor].path : ""; }

static void remember(int descriptor, enum kind kind, const char* path) {
  if (descriptor < 0 || descriptor >= max_files) return;
  free(files[descriptor].path);
  files[descriptor].path = strdup(path);
  files[descriptor].kind = kind;
}
static void forget(int descriptor) {
  free(files[descriptor].path);
  files[descriptor].path = NULL;
  files[descriptor].kind = foreign;
}

// --- what happens at a call -------------------------------------------------------------------------------------------

static void trace_bytes(const void* data, size_t size) {
  if (trace == -1) {
    const char* path = getenv("IO_TRACE");
    trace = path ? REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -2;
  }
  while (trace >= 0 && size > 0) {
    const ssize_t written = REAL(write)(trace, data, size);
    if (written <= 0) abort();
    data = (const char*)data + written;
    size -= (size_t)written;
  }
}

static const char* inside(const char* path) { return strlen(path) > root_length ? path + root_length + 1 : "."; }

// A line `number name inode offset size path TAB path2`, in mode record followed by `size` bytes when there is data.
static void trace_call(const char* name, unsigned long inode, long offset, long size, const char* path, const char* path2,
                       const void* data) {
  if (mode != count && mode != record) return;
  char line[2 * PATH_MAX + 256];
  const int length = snprintf(line, sizeof line, "%ld %s %lu %ld %ld %s\t%s\n", calls, name, inode, offset, size,
                              inside(path), path2 ? inside(path2) : "");
  trace_bytes(line, (size_t)length);
  if (mode == record && data) trace_bytes(data, (size_t)size);
}

static unsigned long inode_of(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 ? (unsigned long)status.st_ino : 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum need { needs_space, needs_nothing };
// Takes the next number. True when the call is to fail: errno is set.
static int before(enum need need) {
  ++calls;
  const int here = calls == target;
  switch (mode) {
    case kill_before:
      if (here) die();
      break;
    case stop:
      if (here) raise(SIGSTOP);
      break;
    case send_signal:
      if (here) kill(getpid(), wanted_signal);
      if (calls == second_target) kill(getpid(), second_signal);
      break;
    case fail:
      if (here) {
        errno = wanted_errno;
        return 1;
      }
      break;
    case fail_from:
      if (calls == second_target) kill(getpid(), wanted_signal);
      if (calls >= target && (need == needs_space || wanted_errno != ENOSPC)) {
        errno = wanted_errno;
        return 1;
      }
      break;
    default: break;
  }
  return 0;
}

static void after(void) {
  if ((mode == kill_after || mode == kill_inside) && calls == target) {
    const int kept = errno;
    die();
    errno = kept;
  }
}

#define LOCK pthread_mutex_lock(&mutex)
#define UNLOCK pthread_mutex_unlock(&mutex)

// --- open, close ------------------------------------------------------------------------------------------------------

static int any_open(int at, const char* path, int flags, mode_t bits) {
  char full[PATH_MAX];
  int (*openat_real)(int, const char*, int, ...) = REAL(openat);
  if (!below_root(at, path, full)) return openat_real(at, path, flags, bits);
  const int changes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
  const enum kind kind = changes ? writing : (flags & O_DIRECTORY) ? directory : reading;
  if (kind == reading) {
    const int descriptor = openat_real(at, path, flags, bits);
    if (descriptor >= 0) {
      LOCK;
      remember(descriptor, kind, full);
      UNLOCK;
    }
    return descriptor;
  }
  LOCK;
  struct stat unused;
  const int existed = fstatat(at, path, &unused, AT_SYMLINK_NOFOLLOW) == 0;
  int descriptor = -1;
  if (!before(existed ? needs_nothing : needs_space)) {
    descriptor = openat_real(at, path, flags, bits);
    if (descriptor >= 0) {
      const int kept = errno;
      remember(descriptor, kind, full);
      trace_call(kind == directory          ? "opendir"
                 : !existed                 ? "create"
                 : (flags & O_TRUNC) != 0   ? "open_empty"
                                            : "open",
                 inode_of(descriptor), 0, 0, full, NULL, NULL);
      errno = kept;
    } else {
      trace_call("open_failed", 0, 0, 0, full, NULL, NULL);
    }
    after();
  }
  UNLOCK;
  return descriptor;
}

#define MODE_ARGUMENT                       \
  mode_t bits = 0;                          \
  if (flags & (O_CREAT | O_TMPFILE)) {      \
    va_list list;                           \
    va_start(list, flags);                  \
    bits = (mode_t)va_arg(list, unsigned);  \
    va_end(list);                           \
  }
int open(const char* path, int flags, ...) {
  MODE_ARGUMENT
  return any_open(AT_FDCWD, path, flags, bits);
}
int open64(const char* path, int flags, ...) {
  MODE_ARGUMENT
  return any_open(AT_FDCWD, path, flags | O_LARGEFILE, bits);
}
int openat(int at, const char* path, int flags, ...) {
  MODE_ARGUMENT
  return any_open(at, path, flags, bits);
}
int openat64(int at, const char* path, int flags, ...) {
  MODE_ARGUMENT
  return any_open(at, path, flags | O_LARGEFILE, bits);
}
int __open_2(const char* path, int flags) { return any_open(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return any_open(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char* path, int flags) { return any_open(at, path, flags, 0); }
int __openat64_2(int at, const char* path, int flags) { return any_open(at, path, flags, 0); }
int creat(const char* path, mode_t bits) { return any_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, bits); }
int creat64(const char* path, mode_t bits) { return any_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, bits); }

// A stream for writing: libstdc++ writes to its descriptor itself.
static FILE* any_fopen(const char* path, const char* how) {
  char full[PATH_MAX];
  FILE* (*fopen_real)(const char*, const char*) = REAL(fopen);
  if (!below_root(AT_FDCWD, path, full)) return fopen_real(path, how);
  const int changes = strpbrk(how, "wa+") != NULL;
  LOCK;
  FILE* file = NULL;
  struct stat unused;
  const int existed = lstat(path, &unused) == 0;
  if (!changes || !before(existed ? needs_nothing : needs_space)) {
    file = fopen_real(path, how);
    if (file) {
      remember(fileno(file), changes ? writing : reading, full);
      if (changes)
        trace_call(existed ? (strchr(how, 'w') ? "open_empty" : "open") : "create", inode_of(fileno(file)), 0, 0, full, NULL,
                   NULL);
    }
    if (changes) after();
  }
  UNLOCK;
  return file;
}
FILE* fopen(const char* path, const char* how) { return any_fopen(path, how); }
FILE* fopen64(const char* path, const char* how) { return any_fopen(path, how); }

int fclose(FILE* file) {
  const int descriptor = file ? fileno(file) : -1;
  const enum kind kind = kind_of(descriptor);
  if (kind == foreign) return REAL(fclose)(file);
  LOCK;
  int result = -1;
  if (kind == reading) {
    forget(descriptor);
    result = REAL(fclose)(file);
  } else {
    const int fails = before(needs_nothing), reason = errno;
    trace_call("close", inode_of(descriptor), 0, 0, path_of(descriptor), NULL, NULL);
    forget(descriptor);
    result = REAL(fclose)(file);
    if (fails) {
      result = EOF;
      errno = reason;
    } else {
      after();
    }
  }
  UNLOCK;
  return result;
}

int close(int descriptor) {
  const enum kind kind = kind_of(descriptor);
  if (kind == foreign) return REAL(close)(descriptor);
  LOCK;
  int result;
  if (kind == reading) {
    forget(descriptor);
    result = REAL(close)(descriptor);
  } else {
    // A close that reports an error has closed nevertheless.
    const int fails = before(needs_nothing), reason = errno;
    trace_call("close", inode_of(descriptor), 0, 0, path_of(descriptor), NULL, NULL);
    forget(descriptor);
    result = REAL(close)(descriptor);
    if (fails) {
      result = -1;
      errno = reason;
    } else {
      after();
    }
  }
  UNLOCK;
  return result;
}

// --- bytes ------------------------------------------------------------------------------------------------------------

// at < 0: where the descriptor stands.
static ssize_t any_write(int descriptor, const void* data, size_t size, off_t at) {
  LOCK;
  ssize_t written = -1;
  if (!before(needs_space)) {
    if ((mode == short_write || mode == kill_inside) && calls == target && size > 1) size /= 2;
    written = at < 0 ? REAL(write)(descriptor, data, size) : REAL(pwrite)(descriptor, data, size, at);
    const int kept = errno;
    const long offset = at >= 0 ? (long)at : (long)lseek(descriptor, 0, SEEK_CUR) - (long)(written > 0 ? written : 0);
    trace_call("write", inode_of(descriptor), offset, written > 0 ? written : 0, path_of(descriptor), NULL, data);
    errno = kept;
    after();
  }
  UNLOCK;
  return written;
}

ssize_t write(int descriptor, const void* data, size_t size) {
  return kind_of(descriptor) == foreign ? REAL(write)(descriptor, data, size) : any_write(descriptor, data, size, -1);
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) {
  return kind_of(descriptor) == foreign ? REAL(pwrite)(descriptor, data, size, at) : any_write(descriptor, data, size, at);
}
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
  return kind_of(descriptor) == foreign ? REAL(pwrite64)(descriptor, data, size, at) : any_write(descriptor, data, size, at);
}
// As one write after the other, so that each is seen.
ssize_t writev(int descriptor, const struct iovec* parts, int number_of_parts) {
  if (kind_of(descriptor) == foreign) return REAL(writev)(descriptor, parts, number_of_parts);
  ssize_t sum = 0;
  for (int p = 0; p < number_of_parts; ++p) {
    if (parts[p].iov_len == 0) continue;
    const ssize_t written = any_write(descriptor, parts[p].iov_base, parts[p].iov_len, -1);
    if (written < 0) return sum > 0 ? sum : -1;
    sum += written;
    if ((size_t)written < parts[p].iov_len) break;
  }
  return sum;
}
// Copies inside the kernel are refused, so that callers fall back to read and write.
ssize_t sendfile(int out, int in, off_t* offset, size_t size) {
  if (kind_of(out) == foreign) return REAL(sendfile)(out, in, offset, size);
  errno = ENOSYS;
  return -1;
}
ssize_t copy_file_range(int in, off64_t* from, int out, off64_t* to, size_t size, unsigned flags) {
  if (kind_of(out) == foreign) return REAL(copy_file_range)(in, from, out, to, size, flags);
  errno = ENOSYS;
  return -1;
}

// --- everything else that changes a file or folder --------------------------------------------------------------------

// EXPRESSION is the real call; it returns -1 on failure.
#define NUMBERED(NEED, NAME, INODE, OFFSET, SIZE, PATH, PATH2, EXPRESSION)                                  \
  LOCK;                                                                                                     \
  int result = -1;                                                                                          \
  if (!before(NEED)) {                                                                                      \
    result = EXPRESSION;                                                                                    \
    const int kept = errno;                                                                                 \
    if (result == 0) trace_call(NAME, INODE, OFFSET, SIZE, PATH, PATH2, NULL);                              \
    else trace_call(NAME "_failed", 0, 0, 0, PATH, PATH2, NULL);                                            \
    errno = kept;                                                                                           \
    after();                                                                                                \
  }                                                                                                         \
  UNLOCK;                                                                                                   \
  return result

#define ON_DESCRIPTOR(NEED, NAME, OFFSET, SIZE, EXPRESSION)          \
  if (kind_of(descriptor) == foreign) return EXPRESSION;             \
  NUMBERED(NEED, NAME, inode_of(descriptor), OFFSET, SIZE, path_of(descriptor), NULL, EXPRESSION)

int fsync(int descriptor) { ON_DESCRIPTOR(needs_space, "fsync", 0, 0, REAL(fsync)(descriptor)); }
int fdatasync(int descriptor) { ON_DESCRIPTOR(needs_space, "fsync", 0, 0, REAL(fdatasync)(descriptor)); }
int ftruncate(int descriptor, off_t size) {
  ON_DESCRIPTOR(needs_nothing, "truncate", (long)size, 0, REAL(ftruncate)(descriptor, size));
}
int ftruncate64(int descriptor, off64_t size) {
  ON_DESCRIPTOR(needs_nothing, "truncate", (long)size, 0, REAL(ftruncate64)(descriptor, size));
}
int fallocate(int descriptor, int how, off_t at, off_t size) {
  ON_DESCRIPTOR(needs_space, "allocate", (long)(at + size), how, REAL(fallocate)(descriptor, how, at, size));
}
int fallocate64(int descriptor, int how, off64_t at, off64_t size) {
  ON_DESCRIPTOR(needs_space, "allocate", (long)(at + size), how, REAL(fallocate64)(descriptor, how, at, size));
}
// This one returns the error instead of setting it.
static int any_posix_fallocate(int descriptor, off_t at, off_t size) {
  LOCK;
  int error = 0;
  if (before(needs_space)) {
    error = errno;
  } else {
    error = REAL(posix_fallocate)(descriptor, at, size);
    trace_call(error ? "allocate_failed" : "allocate", inode_of(descriptor), (long)(at + size), 0, path_of(descriptor), NULL,
               NULL);
    after();
  }
  UNLOCK;
  return error;
}
int posix_fallocate(int descriptor, off_t at, off_t size) {
  return kind_of(descriptor) == foreign ? REAL(posix_fallocate)(descriptor, at, size)
                                        : any_posix_fallocate(descriptor, at, size);
}
int posix_fallocate64(int descriptor, off64_t at, off64_t size) {
  return kind_of(descriptor) == foreign ? REAL(posix_fallocate64)(descriptor, at, size)
                                        : any_posix_fallocate(descriptor, at, size);
}

#define ON_PATH(AT, NEED, NAME, SIZE, EXPRESSION)    \
  char full[PATH_MAX];                               \
  if (!below_root(AT, path, full)) return EXPRESSION; \
  NUMBERED(NEED, NAME, 0, 0, SIZE, full, NULL, EXPRESSION)

int unlink(const char* path) { ON_PATH(AT_FDCWD, needs_nothing, "unlink", 0, REAL(unlink)(path)); }
int rmdir(const char* path) { ON_PATH(AT_FDCWD, needs_nothing, "rmdir", 0, REAL(rmdir)(path)); }
int remove(const char* path) { ON_PATH(AT_FDCWD, needs_nothing, "unlink", 0, REAL(remove)(path)); }
int unlinkat(int at, const char* path, int flags) {
  ON_PATH(at, needs_nothing, "unlink", 0, REAL(unlinkat)(at, path, flags));
}
int mkdir(const char* path, mode_t bits) { ON_PATH(AT_FDCWD, needs_space, "mkdir", 0, REAL(mkdir)(path, bits)); }
int mkdirat(int at, const char* path, mode_t bits) { ON_PATH(at, needs_space, "mkdir", 0, REAL(mkdirat)(at, path, bits)); }
int truncate(const char* path, off_t size) {
  ON_PATH(AT_FDCWD, needs_nothing, "truncate_path", (long)size, REAL(truncate)(path, size));
}
int truncate64(const char* path, off64_t size) {
  ON_PATH(AT_FDCWD, needs_nothing, "truncate_path", (long)size, REAL(truncate64)(path, size));
}
int symlink(const char* to, const char* path) { ON_PATH(AT_FDCWD, needs_space, "symlink", 0, REAL(symlink)(to, path)); }
int chmod(const char* path, mode_t bits) { ON_PATH(AT_FDCWD, needs_nothing, "chmod", 0, REAL(chmod)(path, bits)); }
int utimensat(int at, const char* path, const struct timespec times[2], int flags) {
  ON_PATH(at, needs_nothing, "utime", 0, REAL(utimensat)(at, path, times, flags));
}
int fchmod(int descriptor, mode_t bits) { ON_DESCRIPTOR(needs_nothing, "chmod", 0, 0, REAL(fchmod)(descriptor, bits)); }

#define ON_TWO_PATHS(AT1, AT2, NAME, EXPRESSION)                                     \
  char full[PATH_MAX], full2[PATH_MAX];                                              \
  const int first = below_root(AT1, path, full), second = below_root(AT2, path2, full2); \
  if (!first && !second) return EXPRESSION;                                          \
  NUMBERED(needs_nothing, NAME, 0, 0, 0, full, full2, EXPRESSION)

int rename(const char* path, const char* path2) {
  ON_TWO_PATHS(AT_FDCWD, AT_FDCWD, "rename", REAL(rename)(path, path2));
}
int renameat(int at, const char* path, int at2, const char* path2) {
  ON_TWO_PATHS(at, at2, "rename", REAL(renameat)(at, path, at2, path2));
}
int renameat2(int at, const char* path, int at2, const char* path2, unsigned flags) {
  ON_TWO_PATHS(at, at2, "rename", REAL(renameat2)(at, path, at2, path2, flags));
}
int link(const char* path, const char* path2) { ON_TWO_PATHS(AT_FDCWD, AT_FDCWD, "link", REAL(link)(path, path2)); }
int linkat(int at, const char* path, int at2, const char* path2, int flags) {
  ON_TWO_PATHS(at, at2, "link", REAL(linkat)(at, path, at2, path2, flags));
}

// --- clocks -----------------------------------------------------------------------------------------------------------

// What the wall clock says instead of `seconds`.
static time_t wrong_time(time_t seconds) {
  static time_t first;
  static long looks;
  const char* how = getenv("IO_CLOCK");
  if (!how) return seconds;
  if (first == 0) first = seconds;
  if (strcmp(how, "frozen") == 0) return first;
  if (strcmp(how, "backwards") == 0) return first - 60 * ++looks;
  return seconds + strtol(how, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = REAL(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec = wrong_time(now->tv_sec);
  if (result == 0 && clock == CLOCK_MONOTONIC && steady_jump != 0 && calls >= steady_from) now->tv_sec += steady_jump;
  return result;
}
time_t time(time_t* where) {
  struct timespec now;
  REAL(clock_gettime)(CLOCK_REALTIME, &now);
  const time_t seconds = wrong_time(now.tv_sec);
  if (where) *where = seconds;
  return seconds;
}
int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  const int result = REAL(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec = wrong_time(now->tv_sec);
  return result;
}

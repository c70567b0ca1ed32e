"""The model of a power cut: from the recorded calls of a run it makes folders as a disk may hold them after the power failed.

What fsync of a file promised is there: the bytes written before. What fsync of a folder promised is there: the names given or
taken before. Of everything later any part may be there: writes may be missing, torn or out of order, names may be as before.
A file whose name is not yet promised may be gone even when its bytes are; a folder too, with all that is in it."""
import copy
import os


class Node:
    """A file or folder: what is promised, and what was done since."""

    def __init__(self, content):
        self.promised = content  # bytes, or dict name -> Node
        self.since = []          # files: ("write", offset, data) | ("size", n); folders: list of {name: Node or None}
        self.live = dict(content) if isinstance(content, dict) else bytearray(content)

    @property
    def is_folder(self):
        return isinstance(self.promised, dict)

    def sync(self):
        self.promised = dict(self.live) if self.is_folder else bytes(self.live)
        self.since = []

    def names(self, change):
        """One indivisible change of a folder: {name: Node, or None for 'gone'}."""
        self.since.append(change)
        for name, node in change.items():
            if node is None:
                self.live.pop(name, None)
            else:
                self.live[name] = node

    def write(self, offset, data):
        self.since.append(("write", offset, data))
        put(self.live, offset, data)

    def resize(self, size):
        self.since.append(("size", size))
        resize(self.live, size)


def put(buffer, offset, data):
    if len(buffer) < offset:
        buffer.extend(bytes(offset - len(buffer)))
    buffer[offset:offset + len(data)] = data


def resize(buffer, size):
    if size < len(buffer):
        del buffer[size:]
    else:
        buffer.extend(bytes(size - len(buffer)))


class Disk:
    """Follows recorded calls from a folder that is safely on the disk."""

    def __init__(self, start=None):
        self.inodes = {}
        self.root = self.read(start) if start else Node({})

    def read(self, path):
        if os.path.isdir(path):
            return Node({name: self.read(os.path.join(path, name)) for name in os.listdir(path)})
        with open(path, "rb") as file:
            node = Node(file.read())
        self.inodes[os.stat(path).st_ino] = node
        return node

    def find(self, path):
        node = self.root
        for part in path.split("/"):
            if part not in (".", ""):
                node = node.live[part]
        return node

    def parent(self, path):
        folder, _, name = path.rpartition("/")
        return self.find(folder), name

    def apply(self, call):
        if call.name == "create":
            node = Node(b"")
            self.inodes[call.inode] = node
            folder, name = self.parent(call.path)
            folder.names({name: node})
        elif call.name == "mkdir":
            folder, name = self.parent(call.path)
            folder.names({name: Node({})})
        elif call.name == "open_empty":
            self.inodes[call.inode].resize(0)
        elif call.name == "write":
            self.inodes[call.inode].write(call.offset, call.data)
        elif call.name == "truncate":
            self.inodes[call.inode].resize(call.offset)
        elif call.name == "allocate":
            node = self.inodes[call.inode]
            node.resize(max(call.offset, len(node.live)))
        elif call.name == "fsync":
            node = self.inodes.get(call.inode)
            (node if node else self.find(call.path)).sync()
        elif call.name in ("unlink", "rmdir"):
            folder, name = self.parent(call.path)
            folder.names({name: None})
        elif call.name == "rename":
            source, old = self.parent(call.path)
            target, new = self.parent(call.path2)
            node = source.live[old]
            if source is target:
                source.names({old: None, new: node})
            else:
                source.names({old: None})
                target.names({new: node})
        elif call.name not in ("open", "opendir", "close", "chmod", "utime") and not call.name.endswith("_failed"):
            raise ValueError(f"the model does not know the call {call}")

    # --- what the disk may hold ---

    def state(self, dice):
        """A possible content: nested dicts of bytes. Four kinds of disk, by the dice."""
        kind = dice.choice(["strict", "names first", "in order", "anything"])
        if kind == "in order":  # all names, all bytes, the last writes torn
            return kind, self.pick(self.root, dice, lambda since: since, torn_tail)
        if kind == "strict":    # nothing that was not promised
            return kind, self.pick(self.root, dice, lambda since: [], lambda node, _: node.promised)
        if kind == "names first":  # a journal of names, the bytes come later
            return kind, self.pick(self.root, dice, lambda since: since[:dice.randint(0, len(since))], only_size)
        return kind, self.pick(self.root, dice, lambda since: [change for change in since if dice.random() < 0.5], any_subset)

    def pick(self, node, dice, changes, content):
        if not node.is_folder:
            return bytes(content(node, dice))
        names = dict(node.promised)
        for change in changes(node.since):
            for name, child in change.items():
                if child is None:
                    names.pop(name, None)
                else:
                    names[name] = child
        return {name: self.pick(child, dice, changes, content) for name, child in names.items()}


def torn(data, dice):
    """A write of which only some sectors arrived."""
    pieces = [data[at:at + 512] for at in range(0, len(data), 512)]
    return b"".join(piece if dice.random() < 0.5 else bytes(len(piece)) for piece in pieces)


def replay(node, since):
    buffer = bytearray(node.promised)
    for what, at, *data in since:
        if what == "size":
            resize(buffer, at)
        else:
            put(buffer, at, data[0])
    return buffer


def torn_tail(node, dice):
    since = list(node.since)
    for at in range(max(0, len(since) - 2), len(since)):
        if since[at][0] == "write" and dice.random() < 0.7:
            since[at] = ("write", since[at][1], torn(since[at][2], dice))
    return replay(node, since)


def only_size(node, dice):
    """The length is in the journal, the bytes are not: zeros, or what was on the disk before."""
    size = len(node.live) if dice.random() < 0.7 else len(node.promised)
    buffer = bytearray(node.promised[:size])
    rest = size - len(buffer)
    buffer.extend(bytes(rest) if dice.random() < 0.5 else dice.randbytes(rest))
    return buffer


def any_subset(node, dice):
    since = []
    for change in node.since:
        if dice.random() < 0.5:
            if change[0] == "write" and dice.random() < 0.3:
                change = ("write", change[1], torn(change[2], dice))
            since.append(change)
    return replay(node, since)


def write_out(state, folder):
    os.makedirs(folder, exist_ok=True)
    for name, content in state.items():
        path = os.path.join(folder, name)
        if isinstance(content, dict):
            write_out(content, path)
        else:
            with open(path, "wb") as file:
                file.write(content)


def cut_after(calls, number, dice, start):
    """What a disk may hold when the power fails after `number` calls; start: a Disk before the first call."""
    disk = copy.deepcopy(start)
    for call in calls[:number]:
        disk.apply(call)
    return disk.state(dice)

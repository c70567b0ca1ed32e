"""The view of a run in ParaView: cells, vessels, matrix, front, fibres, tracks, clock. The same file serves in three ways.

In ParaView      Macros > Import new macro... this file, once; then open RUN/cells.hdf.series (or one of
                 RUN/SITE.cells.hdf.series) and click the macro.
                 From a shell: INVADO_RUN=RUN paraview --script=paraview/view.py
Pictures         pvpython paraview/view.py RUN                       the last snapshot -> RUN/picture.png
                 pvpython paraview/view.py RUN -o a.png --time 24    the snapshot nearest to 24 h
                 pvpython paraview/view.py RUN --movie               every snapshot -> RUN/movie_0000.png, ...
State files      pvpython paraview/view.py RUN --state RUN/view.pvsm
                 opens with File > Load State...; it names the folder, so make one per run
                 paraview/run.pvsm (made with --template) names none: File > Load State..., then "Search files under
                 specified directory" and the folder of any run of one site with a matrix

  --colour-by akt|vimentin|runx2|COLUMN    what colours the cells (default akt, or type where
                       no cell has signals); any column of the snapshots
  --range fixed|LOW:HIGH  of the colours; fixed: the same in every run, for the three signals, so that pictures of runs compare
                       (default: from the whole series, the same at all times)
  --front SHARE        surface where this share is left of what proteases could remove at the start (default 0.5; 0: none)
  --hide NAMES         of cells, vessels, bone, front, fibres, tracks, separated by commas
  --section            a section through the middle across y: density, and the cells that it meets
  --both               from outside and the section, side by side
  --whole              the whole box, not only where the cells are
  --azimuth DEGREES, --elevation DEGREES   from where one looks from outside (default 30, 20; several sites: 0, 20)
  --size WIDTHxHEIGHT  of the picture (default 1600x1200; several sites: 1800x900)

The sites of a run that has several (a tumour and organs) stand side by side, each in its box with its name. Vessels are tubes;
sprouts are lighter. Tracks are shown when RUN/tracks.vtp is there (invado export RUN tracks --format vtp). Fibres are lines along the mean
direction, as long as the alignment. Pictures have parallel projection: the bar is true everywhere. pvpython comes with
ParaView 5.11 or newer; without a screen: xvfb-run -a pvpython ...
"""
import argparse
import difflib
import glob
import json
import math
import os
import sys
import xml.etree.ElementTree as xml

import numpy
from paraview import simple, servermanager
from vtkmodules.util.numpy_support import vtk_to_numpy

# The three headline signals: column, range in all runs, title.
SIGNALS = {
    "akt": ("pakt", (0.0, 1.3), "pAKT (S473)"),
    "vimentin": ("vimentin_stability", (0.0, 0.4), "vimentin stability"),
    "runx2": ("runx2_activity", (0.0, 1.2), "RUNX2 activity"),
}
LEAST_SHOWN = 0.25  # of that range: noise on one branch does not look like both
MOST_LOOKED_THROUGH = 13  # times of a long series
# Viridis, as in `invado render`: evenly from dark to light, readable with every kind of colour blindness.
VIRIDIS = "440154 472D7B 3B528B 2C728E 21918C 28AE80 5EC962 ADDC30 FDE725".split()
# Value and red, green, blue.
COLOURS = [x for k, knot in enumerate(VIRIDIS) for x in (k / 8, *(int(knot[i:i + 2], 16) / 255 for i in (0, 2, 4)))]
GEL = [0.0, 1.0, 1.0, 1.0, 1.0, 0.80, 0.66, 0.45]  # eaten away: white
VESSEL, SPROUT, MINERAL = [0.70, 0.09, 0.17], [0.96, 0.65, 0.51], [0.42, 0.58, 0.75]  # of no hue that cells or the gel can have
BONE = 4  # kind of tissue in the lattice
BLACK, GREY, FIBRE, TRACK = [0.1, 0.1, 0.1], [0.55, 0.55, 0.55], [0.55, 0.40, 0.22], [0.25, 0.35, 0.45]
BAR_SHARE = 0.16  # of a picture's width, on the right: colour bar
SERIES = "cells.hdf.series"
HIDEABLE = "cells", "vessels", "bone", "front", "fibres", "tracks"


def arguments(words):
    parser = argparse.ArgumentParser(prog="view.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("-o", "--output")
    parser.add_argument("--time", type=float)
    parser.add_argument("--colour-by")
    parser.add_argument("--range")
    parser.add_argument("--front", type=float, default=0.5)
    parser.add_argument("--hide", default="")
    parser.add_argument("--section", action="store_true")
    parser.add_argument("--both", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--azimuth", type=float)
    parser.add_argument("--elevation", type=float, default=20)
    parser.add_argument("--size")
    parser.add_argument("--movie", action="store_true")
    parser.add_argument("--state")
    parser.add_argument("--template")
    options = parser.parse_args(words)
    options.hide = [name for name in options.hide.split(",") if name]
    for name in options.hide:
        if name not in HIDEABLE:
            fail(f"--hide {name}: there is no such thing (there are {', '.join(HIDEABLE)})", 2)
    return options


class Failure(Exception):
    """What the user must know, and the exit code of pvpython."""


def fail(message, code):
    raise Failure(message, code)


def numbers(text, separator, kind, wanted):
    try:
        first, second = (kind(part) for part in text.lower().split(separator))
    except ValueError:
        fail(f"'{text}': wanted {wanted}", 2)
    return first, second


class Site:
    """The files of one site, opened. `name` is empty where a run has only one."""

    def __init__(self, run, name, opened):
        self.run, self.name = run, name
        self.cells = opened or self.open(SERIES)
        simple.UpdatePipeline(run.time, self.cells)
        self.data = servermanager.Fetch(self.cells)
        radius = self.data.GetPointData().GetArray("radius")
        self.spheres = [(*self.data.GetPoint(i), radius.GetValue(i)) for i in range(self.data.GetNumberOfPoints())]
        self.vessels, self.sprouts = self.open("vessels.hdf.series"), False
        if self.vessels:
            simple.UpdatePipeline(run.times[-1], self.vessels)  # they only become more
            self.sprouts = self.vessels.PointData.GetArray("laid_h").GetRange()[1] > 0
        self.lattice, self.densest, self.aligned, self.box, self.bone = self.open("lattice.hdf.series"), 0, 0, None, False
        if self.lattice:
            simple.UpdatePipeline(run.times[0], self.lattice)
            self.box = self.lattice.GetDataInformation().GetBounds()
            self.densest = self.largest("density")  # at the start: that of the gel
            self.sparsest = self.lattice.PointData.GetArray("density").GetRange()[0] if self.densest else 0
            self.bone = self.largest("tissue") >= BONE
            self.aligned = self.largest("alignment")
            with open(os.path.join(run.folder, self.file("lattice.hdf.series")), encoding="utf-8") as file:
                first = json.load(file)["files"][0]["name"]
            self.first_lattice = run.open(first, self.called("lattice at the start"))
        self.box = self.box or self.cells.GetDataInformation().GetBounds()
        if self.box[1] < self.box[0]:
            self.box = (0, 1, 0, 1, 0, 1)

    def file(self, name):
        return f"{self.name}.{name}" if self.name else name

    def called(self, name):
        """What a source is called in the pipeline browser."""
        return f"{self.name}: {name}" if self.name else name

    def open(self, name):
        return self.run.open(self.file(name), self.called(name.split(".")[0]))

    def largest(self, array):
        found = self.lattice.PointData.GetArray(array)
        return found.GetRange()[1] if found else 0

    def density_floor(self):
        """What no protease removes, as the run's own copy of its scenario says it: one key a line, two blanks a level."""
        wanted = ["secondary_sites", self.name] if self.run.sites.index(self) else []
        wanted, path = wanted + ["matrix", "law", "density_floor"], []
        with open(os.path.join(self.run.folder, "scenario.resolved.yaml"), encoding="utf-8") as file:
            for line in file:
                key, colon, value = line.partition(":")
                path[(len(key) - len(key.lstrip())) // 2:] = [key.strip().strip('"')]
                if path == wanted:
                    return float(value.split()[0])
        return 0.0

    def corners(self):
        box = self.box
        return [(box[i], box[2 + j], box[4 + k], 0.0) for i in (0, 1) for j in (0, 1) for k in (0, 1)]

    def middle(self):
        """Of the box, across y."""
        return (self.box[2] + self.box[3]) / 2


def names_of_sites(folder):
    """Of the lists of cells; [""] where there is one site. The blood has no list: its cells have no place."""
    if os.path.isfile(os.path.join(folder, SERIES)):
        return [""]
    found = sorted(os.path.basename(path)[:-len(SERIES) - 1] for path in glob.glob(os.path.join(glob.escape(folder), "*." + SERIES)))
    if not found:
        fail(f"{os.path.join(folder, SERIES)}: no such file (is this the folder of a run with snapshots?)", 66)
    return found


class Run:
    """The sites of a run, and what all views of it need to know."""

    def __init__(self, folder, options, opened=None, opened_site=""):
        self.folder = folder
        names = names_of_sites(folder)
        with open(os.path.join(folder, f"{names[0]}.{SERIES}" if names[0] else SERIES), encoding="utf-8") as file:
            self.times = [entry["time"] for entry in json.load(file)["files"]]
        wanted = options.time
        self.time = self.times[-1] if wanted is None else min(self.times, key=lambda t: abs(t - wanted))
        self.sites = [Site(self, name, opened if name == opened_site else None) for name in names]
        self.sites.sort(key=lambda site: site.box[0])  # as they stand; the tumour is the first
        self.several = len(self.sites) > 1
        self.spheres = [sphere for site in self.sites for sphere in site.spheres]
        self.choose_colours(options)
        self.tracks = self.open("tracks.vtp", "tracks")
        if options.azimuth is None:
            options.azimuth = 0 if self.several else 30

    def open(self, name, shown):
        path = os.path.join(self.folder, name)
        if not os.path.isfile(path):
            return None
        reader = simple.OpenDataFile(path)
        simple.RenameSource(shown, reader)
        return reader

    def choose_colours(self, options):
        """The range of the column that colours the cells, of all sites."""
        named = options.colour_by or "akt"
        self.column, fixed, self.title = SIGNALS.get(named, (named, None, named))
        if not self.spheres:
            self.limits = fixed or (0, 1)
            return
        present = sorted(array.Name for array in self.sites[0].cells.PointData)
        if self.column not in present:
            names = [*SIGNALS, *present]
            near = difflib.get_close_matches(named.lower(), [name.lower() for name in names], 1)
            meant = f"; did you mean '{next(n for n in names if n.lower() == near[0])}'?" if near else ""
            fail(f"--colour-by {named}: no such column (there are {', '.join(names)}{meant})", 2)
        values = self.values_of_series()
        if options.colour_by is None and not values.any():  # nobody has signals
            self.column, fixed, self.title = "type", None, "type"
            values = self.values_of_series()
        if options.range == "fixed":
            if not fixed:
                fail(f"--range fixed: only {', '.join(SIGNALS)} have one", 2)
            self.limits = fixed
        elif options.range is not None:
            self.limits = numbers(options.range, ":", float, "--range fixed or LOW:HIGH, for example 0.1:0.5")
            if not self.limits[0] < self.limits[1]:
                fail(f"--range {options.range}: wanted LOW < HIGH", 2)
        else:
            self.limits = range_of(values, LEAST_SHOWN * (fixed[1] - fixed[0]) if fixed else 0)
        low, high = self.limits
        beyond = [f"\u2264 {low:g}"] if values[0] < low else []
        beyond += [f"\u2265 {high:g}"] if values[-1] > high else []
        self.title += f"\n(ends: {', '.join(beyond)})" if beyond else ""

    def values_of_series(self):
        """Of the column, in all sites, at all times or evenly many of them; in order."""
        last = len(self.times) - 1
        steps = min(last, MOST_LOOKED_THROUGH - 1)
        times = {self.times[i * last // steps if steps else 0] for i in range(steps + 1)} | {self.time}
        values = []
        for time in sorted(times, key=lambda t: t == self.time):  # the reader ends at the time that is shown
            for site in self.sites:
                simple.UpdatePipeline(time, site.cells)
                column = servermanager.Fetch(site.cells).GetPointData().GetArray(self.column)
                if column:
                    values.append(vtk_to_numpy(column).ravel())
        values = numpy.concatenate(values)
        return numpy.sort(values[numpy.isfinite(values)])


def range_of(values, least):
    """As `invado render`: all but 1 % at either end (strays do not wash out the rest), outwards to round numbers, at least so wide."""
    low, high = float(values[len(values) // 100]), float(values[-1 - len(values) // 100])
    if high - low < least:
        low = (low + high - least) / 2
        low = 0.0 if low < 0 <= values[0] else low
        high = low + least
    if not high > low:
        return low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
    low = 0.0 if 0 < low < 0.3 * high else low
    half = min(m * 10.0**k for k in range(-6, 7) for m in (1, 2, 5) if m * 10.0**k * 6.5 >= (high - low) * (1 - 1e-9)) / 2
    return math.floor(low / half + 1e-9) * half, math.ceil(high / half - 1e-9) * half


class Camera:
    """Looks at spheres (x, y, z, radius) along a direction so that they fill what the colour bar leaves of the frame."""

    def __init__(self, view, spheres, azimuth, elevation, aspect):
        a, e = math.radians(azimuth), math.radians(elevation)
        self.right = (math.cos(a), math.sin(a), 0.0)
        self.up = (-math.sin(e) * math.sin(a), math.sin(e) * math.cos(a), math.cos(e))
        self.back = (math.cos(e) * math.sin(a), -math.cos(e) * math.cos(a), math.sin(e))
        spans = []
        for axis in (self.right, self.up, self.back):
            along = [(sum(n * x for n, x in zip(axis, s)), s[3]) for s in spheres]
            spans.append((min(x - r for x, r in along), max(x + r for x, r in along)))
        (left, right), (low, high), (_, self.front) = spans
        # A strip above for the clock and one below for the bar of length, 12 % each.
        half = max((high - low) / 2 / 0.76, (right - left) / 2 / ((1 - BAR_SHARE) * 0.96) / aspect, 10.0)
        self.half_height, self.half_width = half, half * aspect
        self.middle = (left + right) / 2 + BAR_SHARE * self.half_width, (low + high) / 2
        view.CameraParallelProjection = 1
        view.CameraFocalPoint = self.point(*self.middle, 0.0)
        view.CameraPosition = self.point(*self.middle, self.front + 10 * self.half_width)
        view.CameraViewUp = list(self.up)
        view.CameraParallelScale = half

    def point(self, right, up, back):
        return [right * self.right[k] + up * self.up[k] + back * self.back[k] for k in range(3)]

    def free_part(self):
        """Left, right, low, high of the frame without margins, colour bar and the strips for clock and length."""
        (x, z), width, height = self.middle, self.half_width, self.half_height
        return x - 0.96 * width, x + (1 - 2 * BAR_SHARE) * width, z - 0.8 * height, z + 0.8 * height

    def show_length(self, view):
        """A bar of a round length near the lower left corner, and what it means."""
        rounds = [m * 10**k for k in range(5) for m in (1, 2, 5)]
        length = max([r for r in rounds if r <= self.half_width / 3] or [1])
        left = self.middle[0] - 0.96 * self.half_width
        up = self.middle[1] - 0.93 * self.half_height
        front = self.front + self.half_width
        ends = self.point(left, up, front), self.point(left + length, up, front)
        shown = simple.Show(simple.Line(registrationName="bar", Point1=ends[0], Point2=ends[1]), view)
        shown.LineWidth = 6
        plain(shown, BLACK)
        shown.Ambient, shown.Diffuse = 1, 0
        text = simple.Text(registrationName="length of the bar", Text=f"{length} \u00b5m")
        place(simple.Show(text, view), [0.02, 0.045], 20)


def place(label, where, size):
    label.WindowLocation, label.Position, label.FontSize, label.Color = "Any Location", where, size, BLACK


def plain(shown, colour, opacity=1.0):
    shown.ColorArrayName = ["POINTS", ""]
    shown.AmbientColor = shown.DiffuseColor = colour
    shown.Opacity = opacity


def colour(shown, view, column, points, limits, title, where):
    table = simple.GetColorTransferFunction(column)
    shown.ColorArrayName, shown.LookupTable = ["POINTS", column], table  # ColorBy complains where nobody is
    table.AutomaticRescaleRangeMode = "Never"  # the same colour means the same at all times
    table.ColorSpace = "Lab"
    low, high = limits
    table.RGBPoints = [value if k % 4 else low + value * (high - low) for k, value in enumerate(points)]
    bar = simple.GetScalarBar(table, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = BLACK
    bar.TitleFontSize, bar.LabelFontSize = 18, 16
    lines = 1 + title.count("\n")  # of the title, along the bar, right of its numbers
    most = 1 - (65 + 26 * lines) / view.ViewSize[0]
    bar.WindowLocation, bar.Position, bar.ScalarBarLength = "Any Location", [min(where[0], most), where[1]], 0.32
    bar.RangeLabelFormat = bar.LabelFormat = "%.3g"
    shown.SetScalarBarVisibility(view, True)


def show_cells(run, site, view, plane):
    source = site.cells
    if plane is not None:  # only those that the plane meets
        source = simple.Calculator(Input=source, ResultArrayName="gap", Function=f"abs(coordsY-{plane})-radius")
        source = simple.Threshold(Input=source, Scalars=["POINTS", "gap"], ThresholdMethod="Below Lower Threshold", LowerThreshold=0)
    shown = simple.Show(balls(site.called("cells as spheres"), source), view)
    shown.Specular, shown.Ambient = 0.2, 0.15
    colour(shown, view, run.column, COLOURS, run.limits, run.title, [0.86, 0.58])


def balls(name, source):
    glyph = simple.Glyph(registrationName=name, Input=source, GlyphType="Sphere")
    glyph.ScaleArray = ["POINTS", "radius"]
    glyph.ScaleFactor = 2.0  # the sphere of the glyph has diameter 1
    glyph.OrientationArray = ["POINTS", "No orientation array"]
    glyph.GlyphMode = "All Points"
    glyph.GlyphType.ThetaResolution = glyph.GlyphType.PhiResolution = 16
    return glyph


def show_vessels(site, view):
    """Tubes of the radius in the file: those of the start, and sprouts, whose ends are round."""
    for name, above, tone in (("vessels as tubes", False, VESSEL), ("sprouts as tubes", True, SPROUT)):
        if above and not site.sprouts:
            continue
        part = simple.Threshold(Input=site.vessels, Scalars=["POINTS", "laid_h"])
        part.ThresholdMethod = "Above Upper Threshold" if above else "Below Lower Threshold"
        part.LowerThreshold = part.UpperThreshold = 1e-9
        lines = simple.ExtractSurface(Input=part)
        tubes = simple.Tube(registrationName=site.called(name), Input=lines, Scalars=["POINTS", "radius"], NumberofSides=20)
        tubes.VaryRadius = "By Absolute Scalar"
        plain(simple.Show(tubes, view), tone)
        if above:
            plain(simple.Show(balls(site.called("joints of sprouts"), part), view), tone)


def show_section(site, view, plane, camera):
    section = simple.Slice(registrationName=site.called("section"), Input=site.lattice, SliceType="Plane")
    section.SliceType.Origin, section.SliceType.Normal = [0, plane, 0], [0, 1, 0]
    left, right, low, high = camera.free_part()
    inside = simple.Clip(registrationName=site.called("section in the frame"), Input=section, ClipType="Box")
    inside.ClipType.Position, inside.ClipType.Length = [left, plane - 1, low], [right - left, 2, high - low]
    shown = simple.Show(inside, view)
    shown.Ambient, shown.Diffuse = 1, 0
    densest = max(s.densest for s in site.run.sites)
    colour(shown, view, "density", GEL, (0, densest), "matrix (mg/ml)", [0.86, 0.12])


def show_front(site, view, share):
    """A surface around what was eaten: where so much is left of what could be. There is none where nothing could be."""
    before, now = ("inputs[%d].PointData['density']" % i for i in (1, 0))
    floor = site.density_floor()
    bare = f"({before} <= {1.001 * floor})"
    left = simple.PythonCalculator(registrationName=site.called("share of the matrix left"), Input=[site.lattice, site.first_lattice],
                                   ArrayName="left", Expression=f"({bare} * 1.0 + (1 - {bare}) * ({now} - {floor})) / ({bare} * 1.0 + (1 - {bare}) * ({before} - {floor}))")
    if site.sparsest <= 1.001 * floor:
        left = simple.PythonCalculator(registrationName=site.called("could be eaten"), Input=[left, site.first_lattice], ArrayName="could",
                                       Expression=f"1.0 - {bare}", CopyArrays=1)
    surface = simple.Contour(registrationName=site.called("front"), Input=left, ContourBy=["POINTS", "left"], Isosurfaces=[share])
    if site.sparsest <= 1.001 * floor:
        surface = simple.Threshold(registrationName=site.called("front of what could be eaten"), Input=surface, Scalars=["POINTS", "could"],
                                   ThresholdMethod="Above Upper Threshold", UpperThreshold=0.999)
    plain(simple.Show(surface, view), GEL[5:], 0.25)


def show_bone(site, view):
    """The mineral, closed where the box ends."""
    mineral = simple.PythonCalculator(registrationName=site.called("is bone"), Input=site.lattice, ArrayName="bone",
                                      Expression=f"(inputs[0].PointData['tissue'] == {BONE}) * 1.0")
    solid = simple.IsoVolume(registrationName=site.called("bone"), Input=mineral, InputScalars=["POINTS", "bone"], ThresholdRange=[0.5, 1.5])
    plain(simple.Show(simple.ExtractSurface(Input=solid), view), MINERAL, 0.5)


def show_fibres(site, view):
    """Lines along the fibre vector, whose length is the alignment: a line of an aligned voxel is four voxels long."""
    extent = site.lattice.GetDataInformation().GetExtent()
    spacing = min((b - a) / (last - first) for a, b, first, last in zip(site.box[::2], site.box[1::2], extent[::2], extent[1::2]) if last > first)
    lines = simple.Glyph(registrationName=site.called("fibres"), Input=site.lattice, GlyphType="Line")
    lines.OrientationArray = lines.ScaleArray = ["POINTS", "fibre"]
    lines.VectorScaleMode = "Scale by Magnitude"
    lines.ScaleFactor = 4 * spacing
    lines.GlyphMode, lines.MaximumNumberOfSamplePoints, lines.Seed = "Uniform Spatial Distribution (Bounds Based)", 4000, 1
    shown = simple.Show(lines, view)
    plain(shown, FIBRE)
    shown.LineWidth = 2


def show_tracks(run, view, scene):
    """Tubes from the start of each track to the present; time_h along them is cut by the clock."""
    past = simple.Clip(registrationName="tracks until now", Input=run.tracks, ClipType="Scalar", Scalars=["POINTS", "time_h"])
    past.Value, past.Invert = run.time, 1
    now = simple.GetAnimationTrack("Value", proxy=past)
    keys = [simple.CompositeKeyFrame(KeyTime=at, KeyValues=[value], Interpolation="Ramp")
            for at, value in ((0, run.times[0]), (1, run.times[-1]))]
    now.KeyFrames = keys
    lines = simple.ExtractSurface(registrationName="lines", Input=past)
    tubes = simple.Tube(registrationName="tracks as tubes", Input=lines, Radius=1.2, VaryRadius="Off", NumberofSides=5)
    plain(simple.Show(tubes, view), TRACK)


def show_name(site, view, camera):
    """Below the left end of the site's box: ParaView 5.11 cannot centre a text in space, and puts it above its point."""
    box, size = site.box, 20
    where = [box[0], box[2], box[4] - 0.15 * (box[5] - box[4])]
    if camera:
        right, up, back = ([sum(n * x for n, x in zip(axis, corner)) for corner in site.corners()] for axis in (camera.right, camera.up, camera.back))
        where = camera.point(min(right), min(up) - 1.6 * size * 2 * camera.half_height / view.ViewSize[1], max(back))
    label = simple.Show(simple.Text(registrationName=site.called("name"), Text=site.name), view)
    label.TextPropMode = "Billboard 3D Text"
    label.BillboardPosition = where
    label.FontSize, label.Color, label.Bold = size, BLACK, 1


def show_box(site, view):
    plain(simple.Show(simple.Outline(registrationName=site.called("box"), Input=site.lattice or site.cells), view), GREY)


def furnish(run, view, options, scene, section=False, camera=None):
    """All that one view shows."""
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    for site in run.sites:
        plane = site.middle() if section else None
        if site.densest > 0:
            if section:
                show_section(site, view, plane, camera)
            elif options.front > 0 and "front" not in options.hide:
                show_front(site, view, options.front)
        if not section and site.aligned > 0.05 and "fibres" not in options.hide:
            show_fibres(site, view)
        if site.bone and not section and "bone" not in options.hide:
            show_bone(site, view)
        if site.vessels and "vessels" not in options.hide:
            show_vessels(site, view)
        if "cells" not in options.hide:
            show_cells(run, site, view, plane)
        if run.several:
            show_name(site, view, camera)
    if not section and run.tracks and "tracks" not in options.hide:
        show_tracks(run, view, scene)
    clock = simple.AnnotateTime(registrationName="clock")
    clock.Format = "{time:.1f} h"
    place(simple.Show(clock, view), [0.02, 0.93], 24)


def start(run):
    scene = simple.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    scene.StartTime, scene.EndTime = run.times[0], run.times[-1]
    return scene


def picture_views(run, options, scene, width, height):
    sections = (False, True) if options.both else (options.section,)
    layout = simple.CreateLayout("panels")
    for index, section in enumerate(sections):
        view = simple.CreateView("RenderView")
        view.ViewSize = [width // len(sections), height]
        view.OrientationAxesVisibility = 0
        seen = run.spheres
        if options.whole or run.several or not run.spheres:
            seen = [corner for site in run.sites for corner in site.corners()]
            for site in run.sites:
                show_box(site, view)
        angles = (0, 0) if section else (options.azimuth, options.elevation)
        camera = Camera(view, seen, *angles, width / len(sections) / height)
        camera.show_length(view)
        furnish(run, view, options, scene, section, camera)
        if index:
            layout.SplitHorizontal(0, 0.5)
        simple.AssignViewToLayout(view, layout, hint=index)
    layout.SetSize(width, height)
    return layout


def make_pictures(options):
    simple._DisableFirstRenderCameraReset()
    run = Run(options.run.rstrip("/"), options)
    size = options.size or ("1800x900" if run.several else "1600x1200")
    width, height = numbers(size, "x", int, "--size WIDTHxHEIGHT, for example 1600x1200")
    scene = start(run)
    layout = picture_views(run, options, scene, width, height)
    for index, time in enumerate(run.times if options.movie else [run.time]):
        scene.AnimationTime = time
        if options.movie:
            stem = os.path.splitext(options.output)[0] if options.output else os.path.join(run.folder, "movie")
            picture = f"{stem}_{index:04}.png"
        else:
            picture = options.output or os.path.join(run.folder, "picture.png")
        simple.SaveScreenshot(picture, layout, ImageResolution=[width, height], CompressionLevel="9")
        print(picture)


def round_numbers(low, high):
    """Multiples of 1, 2 or 5 times a power of ten, seven of them at most."""
    step = min(m * 10**k for k in range(-2, 6) for m in (1, 2, 5) if m * 10**k * 6 >= high - low)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def interactive_view(run, options):
    """The view of somebody who turns and plays it: axes in um instead of a bar that is true in one direction only."""
    scene = start(run)
    view = simple.GetActiveViewOrCreate("RenderView")
    opened = [run.tracks]
    for site in run.sites:
        opened += [site.cells, site.vessels, site.lattice, site.lattice and site.first_lattice]
    for source in filter(None, opened):
        simple.Hide(source, view)
    furnish(run, view, options, scene)
    for site in run.sites:
        show_box(site, view)
    grid = view.AxesGrid
    grid.Visibility = 1
    corners = [corner for site in run.sites for corner in site.corners()]
    spans = [(min(c[k] for c in corners), max(c[k] for c in corners)) for k in range(3)]
    for axis, span in zip("XYZ", spans):
        setattr(grid, f"{axis}AxisUseCustomLabels", 1)  # ParaView's own search for round numbers may take half a minute
        setattr(grid, f"{axis}AxisLabels", round_numbers(*span))
        setattr(grid, f"{axis}Title", f"{axis.lower()} (\u00b5m)")
        for part in ("TitleColor", "LabelColor"):
            setattr(grid, axis + part, BLACK)
    grid.GridColor = GREY
    view.OrientationAxesVisibility = 1
    scene.AnimationTime = run.time
    middle = [sum(span) / 2 for span in spans]
    view.CameraFocalPoint, view.CameraViewUp = middle, [0, 0, 1]
    view.CameraPosition = [middle[0] + 47, middle[1] - 82, middle[2] + 34]
    simple.ResetCamera(view)
    simple.Render(view)
    return view


def save_template(run, view, path):
    """A state that fits any run: without what ParaView would set by itself, axes of this box, and the name of the folder."""
    view.AxesGrid.Visibility = 0
    simple.SaveState(path)
    state = xml.parse(path)
    session = servermanager.ActiveConnection.Session
    for node in state.getroot().iter("Proxy"):
        proxy = session.GetRemoteObject(int(node.get("id", 0))) if "type" in node.attrib else None
        for entry in list(node.findall("Property")) if proxy else []:
            known = proxy.GetProperty(entry.get("name"))
            links = not known or known.GetClassName() in ("vtkSMProxyProperty", "vtkSMInputProperty")
            for domain in [] if links else entry.findall("Domain"):  # those of links list what is linked
                entry.remove(domain)
            if entry.get("name") == "FileNameInfo" or "AxisLabels" in entry.get("name") or (not links and known.IsValueDefault()):
                node.remove(entry)
    for element in state.getroot().iter("Element"):
        element.set("value", element.get("value", "").replace(run.folder, "RUN"))
    state.write(path)


def opened_cells():
    """The reader of a run's cells that is open, its site, and its folder."""
    for source in simple.GetSources().values():
        files = getattr(source, "FileName", None) or getattr(source, "FileNames", None) or []
        for file in [files] if isinstance(files, str) else list(files):
            folder = os.path.dirname(os.path.abspath(file))
            if os.path.basename(folder) == "snapshots":
                folder = os.path.dirname(folder)
            site, dot, rest = ("." + os.path.basename(file)).rpartition(".cells")  # lung.cells.hdf.series, lung.cells_000001.hdf
            if dot and (rest == ".hdf.series" or rest.startswith("_")):
                return source, site[1:], folder
    return None, "", os.environ.get("INVADO_RUN", os.getcwd())


def main():
    words = getattr(sys, "argv", [""])[1:]  # none in ParaView itself
    try:
        if words:
            options = arguments(words)
            if options.state or options.template:
                options.range = options.range or ("fixed" if options.template else None)  # a template is for any run
                run = Run(os.path.abspath(options.run), options)
                view = interactive_view(run, options)
                if options.template:
                    save_template(run, view, options.template)
                else:
                    simple.SaveState(options.state)
                print(options.template or options.state)
            else:
                make_pictures(options)
        else:
            opened, site, folder = opened_cells()
            options = arguments([folder])
            interactive_view(Run(folder, options, opened, site), options)
    except Failure as failure:
        message, code = failure.args
        print(f"view.py: {message}", file=sys.stderr, flush=True)
        if words:
            os._exit(code)  # ParaView, left in the middle of things, prints pages of its own


main()

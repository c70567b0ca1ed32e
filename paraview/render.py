"""Pictures of a run: the cells coloured by a signal, the tunnels that they have eaten into the matrix.

  pvpython paraview/render.py RUN                            the last snapshot -> RUN/picture.png
  pvpython paraview/render.py RUN -o frame.png --time 24     the snapshot nearest to 24 h
  pvpython paraview/render.py RUN --movie                    every snapshot -> RUN/movie_0000.png, ...

  --colour-by akt|vimentin|runx2|COLUMN    which signal colours the cells (default akt); any column of the snapshots
  --range auto|LOW:HIGH  of the colours (default: fixed for the three signals, so that pictures of runs compare; else auto)
  --tunnels SHARE      surface where density has fallen to this share of what it was at the start (default 0.5; 0: none)
  --section            a section through the middle across y: density, and the cells that it meets
  --both               from outside and the section, side by side
  --whole              the whole box, not only where the cells are
  --azimuth DEGREES, --elevation DEGREES   from where one looks from outside (default 30, 20)
  --size WIDTHxHEIGHT  of the picture (default 1600x1200)

The picture of the README:
  pvpython paraview/render.py runs/sarcoma_spheroid --both --range auto --size 1400x700 -o paraview/pictures/sarcoma_spheroid.png

Parallel projection: the bar is true everywhere. pvpython comes with ParaView 5.11 or newer; without a screen:
xvfb-run -a pvpython ...
"""
import argparse
import json
import math
import os
import sys

from paraview import simple, servermanager

# The three headline signals: column, display range, title.
SIGNALS = {
    "akt": ("pakt", (0.0, 1.3), "pAKT (S473)"),
    "vimentin": ("vimentin_stability", (0.0, 0.4), "vimentin stability"),
    "runx2": ("runx2_activity", (0.0, 1.2), "RUNX2 activity"),
}
# Value and red, green, blue: from dark blue over sand to dark red, readable for most colour-blind readers.
COLOURS = [0.0, 0.13, 0.25, 0.52, 0.35, 0.45, 0.68, 0.82, 0.6, 0.95, 0.88, 0.65, 0.8, 0.88, 0.46, 0.28, 1.0, 0.60, 0.05, 0.12]
GEL = [0.0, 1.0, 1.0, 1.0, 1.0, 0.80, 0.66, 0.45]  # eaten away: white
BLACK = [0.1, 0.1, 0.1]
BAR_SHARE = 0.16  # of the picture's width, on the right: colour bar


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("-o", "--output")
    parser.add_argument("--time", type=float)
    parser.add_argument("--colour-by", default="akt")
    parser.add_argument("--range")
    parser.add_argument("--tunnels", type=float, default=0.5)
    parser.add_argument("--section", action="store_true")
    parser.add_argument("--both", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--azimuth", type=float, default=30)
    parser.add_argument("--elevation", type=float, default=20)
    parser.add_argument("--size", default="1600x1200")
    parser.add_argument("--movie", action="store_true")
    return parser.parse_args()


def fail(message, code):
    print(f"render: {message}", file=sys.stderr, flush=True)
    os._exit(code)  # ParaView, left in the middle of things, prints pages of its own


def listed_times(series):
    if not os.path.isfile(series):
        fail(f"{series}: no such file (is this the folder of a run with snapshots?)", 66)
    with open(series, encoding="utf-8") as file:
        return [entry["time"] for entry in json.load(file)["files"]]


def numbers(text, separator, kind, wanted):
    try:
        first, second = (kind(part) for part in text.lower().split(separator))
    except ValueError:
        fail(f"'{text}': wanted {wanted}", 2)
    return first, second


class Cells:
    """The cells at one time: where they are, and the range of the column that colours them."""

    def __init__(self, source, time, options):
        self.source = source
        simple.UpdatePipeline(time, source)
        data = servermanager.Fetch(source)
        radius = data.GetPointData().GetArray("radius")
        self.spheres = [(*data.GetPoint(i), radius.GetValue(i)) for i in range(data.GetNumberOfPoints())]
        if not self.spheres:
            return
        self.column, limits, self.title = SIGNALS.get(options.colour_by, (options.colour_by, None, options.colour_by))
        column = data.GetPointData().GetArray(self.column)
        if column is None:
            names = ", ".join(sorted(array.Name for array in source.PointData))
            fail(f"--colour-by {options.colour_by}: no such column (there are akt, vimentin, runx2, {names})", 2)
        if options.range is not None and options.range != "auto":
            limits = numbers(options.range, ":", float, "--range auto or LOW:HIGH, for example 0.1:0.5")
        elif limits is None or options.range == "auto":  # 1 % may lie beyond either end: strays do not wash out the rest
            values = sorted(column.GetComponent(i, 0) for i in range(len(self.spheres)))
            limits = values[len(values) // 100], values[-1 - len(values) // 100]
        self.limits = limits if limits[1] > limits[0] else (limits[0], limits[0] + 1)


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
        shown = simple.Show(simple.Line(Point1=ends[0], Point2=ends[1]), view)
        shown.LineWidth = 6
        shown.AmbientColor = shown.DiffuseColor = BLACK
        shown.Ambient, shown.Diffuse = 1, 0
        write(view, f"{length} \u00b5m", [0.02, 0.045], 20)


def write(view, text, place, size):
    source = simple.Text(Text=text)
    label = simple.Show(source, view)
    label.WindowLocation, label.Position, label.FontSize, label.Color = "Any Location", place, size, BLACK
    return source


def colour(shown, view, column, points, limits, title, place):
    simple.ColorBy(shown, ("POINTS", column))
    table = simple.GetColorTransferFunction(column)
    table.ColorSpace = "Lab"
    low, high = limits
    table.RGBPoints = [value if k % 4 else low + value * (high - low) for k, value in enumerate(points)]
    bar = simple.GetScalarBar(table, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = BLACK
    bar.TitleFontSize, bar.LabelFontSize = 18, 16
    bar.WindowLocation, bar.Position, bar.ScalarBarLength = "Any Location", place, 0.32
    bar.RangeLabelFormat = bar.LabelFormat = "%-#6.2g"
    shown.SetScalarBarVisibility(view, True)


def show_cells(cells, view, plane):
    source = cells.source
    if plane is not None:  # only those that the plane meets
        source = simple.Calculator(Input=source, ResultArrayName="gap", Function=f"abs(coordsY-{plane})-radius")
        source = simple.Threshold(Input=source, Scalars=["POINTS", "gap"], ThresholdMethod="Below Lower Threshold", LowerThreshold=0)
    glyph = simple.Glyph(registrationName="cells", Input=source, GlyphType="Sphere")
    glyph.ScaleArray = ["POINTS", "radius"]
    glyph.ScaleFactor = 2.0  # the sphere of the glyph has diameter 1
    glyph.OrientationArray = ["POINTS", "No orientation array"]
    glyph.GlyphMode = "All Points"
    glyph.GlyphType.ThetaResolution = glyph.GlyphType.PhiResolution = 16
    shown = simple.Show(glyph, view)
    shown.Specular, shown.Ambient = 0.2, 0.15
    colour(shown, view, cells.column, COLOURS, cells.limits, cells.title, [0.86, 0.58])


def show_gel(lattice, view, share, plane, densest, camera):
    """A section shows the density, the view from outside a surface around what was eaten (and around a soft bed)."""
    if plane is not None:
        section = simple.Slice(Input=lattice, SliceType="Plane")
        section.SliceType.Origin, section.SliceType.Normal = [0, plane, 0], [0, 1, 0]
        left, right, low, high = camera.free_part()
        inside = simple.Clip(Input=section, ClipType="Box")
        inside.ClipType.Position, inside.ClipType.Length = [left, plane - 1, low], [right - left, 2, high - low]
        shown = simple.Show(inside, view)
        shown.Ambient, shown.Diffuse = 1, 0
        colour(shown, view, "density", GEL, (0, densest), "matrix (mg/ml)", [0.86, 0.12])
    elif share > 0:
        surface = simple.Contour(Input=lattice, ContourBy=["POINTS", "density"], Isosurfaces=[share * densest])
        shown = simple.Show(surface, view)
        shown.ColorArrayName = ["POINTS", ""]
        shown.AmbientColor = shown.DiffuseColor = GEL[5:]
        shown.Opacity = 0.25


def draw(options, cells, lattice, densest, box, section, width, height):
    """One panel; returns its view and its clock."""
    view = simple.CreateView("RenderView")
    view.ViewSize = [width, height]
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    view.OrientationAxesVisibility = 0
    plane = (box[2] + box[3]) / 2 if section else None
    if options.whole or not cells.spheres:
        seen = [(box[i], box[2 + j], box[4 + k], 0.0) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        frame = simple.Show(simple.Outline(Input=lattice or cells.source), view)
        frame.AmbientColor = frame.DiffuseColor = [0.55, 0.55, 0.55]
    else:
        seen = cells.spheres
    angles = (0, 0) if section else (options.azimuth, options.elevation)
    camera = Camera(view, seen, *angles, width / height)
    camera.show_length(view)
    if densest > 0:
        show_gel(lattice, view, options.tunnels, plane, densest, camera)
    if cells.spheres:
        show_cells(cells, view, plane)
    return view, write(view, "", [0.02, 0.93], 24)


def main():
    options = arguments()
    width, height = numbers(options.size, "x", int, "--size WIDTHxHEIGHT, for example 1600x1200")
    run = options.run.rstrip("/")
    times = listed_times(os.path.join(run, "cells.hdf.series"))
    wanted = min(times, key=lambda t: abs(t - options.time)) if options.time is not None else times[-1]
    simple._DisableFirstRenderCameraReset()

    cells = Cells(simple.OpenDataFile(os.path.join(run, "cells.hdf.series")), wanted, options)
    lattice, densest, box = None, 0, cells.source.GetDataInformation().GetBounds()
    lattice_series = os.path.join(run, "lattice.hdf.series")
    if os.path.isfile(lattice_series):
        lattice = simple.OpenDataFile(lattice_series)
        simple.UpdatePipeline(times[0], lattice)
        box = lattice.GetDataInformation().GetBounds()
        density = lattice.PointData.GetArray("density")
        densest = density.GetRange()[1] if density else 0  # at the start: that of the gel
    if box[1] < box[0]:
        box = (0, 1, 0, 1, 0, 1)

    sections = (False, True) if options.both else (options.section,)
    layout = simple.CreateLayout("panels")
    panels = []
    for index, section in enumerate(sections):
        panels.append(draw(options, cells, lattice, densest, box, section, width // len(sections), height))
        if index:
            layout.SplitHorizontal(0, 0.5)
        simple.AssignViewToLayout(panels[-1][0], layout, hint=index)
    layout.SetSize(width, height)

    for index, time in enumerate(times if options.movie else [wanted]):
        for view, clock in panels:
            view.ViewTime = time
            clock.Text = f"{time:.1f} h"
            simple.Render(view)
        if options.movie:
            stem = os.path.splitext(options.output)[0] if options.output else os.path.join(run, "movie")
            picture = f"{stem}_{index:04}.png"
        else:
            picture = options.output or os.path.join(run, "picture.png")
        simple.SaveScreenshot(picture, layout, ImageResolution=[width, height], CompressionLevel="9")
        print(picture)


main()

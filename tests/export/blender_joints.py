"""Run inside Blender: import a file, print every joint of every frame as JSON, in metres, y up.

blender --background --python blender_joints.py -- FILE FPS FIRST LAST
"""

import json
import sys

import bpy
import numpy
from io_anim_bvh import import_bvh

# Debian 12 pairs Blender 3.4 with a numpy and a Python that no longer have what its importers use.
numpy.bool = bool
import_bvh.open = lambda path, mode: open(path)  # noqa: SIM115

path, fps, first, last = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = int(fps)
if path.endswith(".glb"):
    bpy.ops.import_scene.gltf(filepath=path)
else:
    bpy.ops.import_anim.bvh(filepath=path, frame_start=int(first))
armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
joints = []
for frame in range(int(first), int(last) + 1):
    scene.frame_set(frame)
    heads = {bone.name: armature.matrix_world @ bone.head for bone in armature.pose.bones}
    joints.append({name: (head.x, head.z, -head.y) for name, head in heads.items()})
print("JOINTS" + json.dumps(joints))

"""Motion from static features alone, no video: python examples/01_from_features.py [FEATURES.npy]."""

import sys

import numpy as np
import torch

import tcmr

model = tcmr.load_model("open")
if len(sys.argv) > 1:
    features = np.load(sys.argv[1])
else:
    features = np.random.default_rng(0).random((40, model.tcmr.config.feature_size), np.float32)
motion = model.predict(features, fps=30.0)

body = tcmr.load_body("open").with_shape(torch.from_numpy(motion.betas))
vertices_m = body.with_pose(torch.from_numpy(motion.rotmat)).vertices()
print(f"{len(motion)} frames, a mesh of {vertices_m.shape[1]} vertices in each")

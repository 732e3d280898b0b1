"""What Snakemake is told: targets, parameters of jobs, the manifest, code digests."""

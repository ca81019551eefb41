{-# LANGUAGE BangPatterns #-}

-- | Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
module Driver (run, upTo) where

import Control.Monad (replicateM_, when)
import Foreign (Ptr, mallocBytes)
import GHC.Clock (getMonotonicTimeNSec)
import System.Environment (getArgs)
import System.Exit (die)
import System.IO (IOMode (..), hGetBuf, hPutBuf, withBinaryFile)

-- | Runs a step for each number from 0 up to, but not including, n.
upTo :: Int -> (Int -> IO ()) -> IO ()
upTo n step = go 0
  where
    go !i = when (i < n) $ step i >> go (i + 1)
{-# INLINE upTo #-}

load :: FilePath -> Int -> IO (Ptr Double)
load path count = withBinaryFile path ReadMode $ \file -> do
  values <- mallocBytes (8 * count)
  size <- hGetBuf file values (8 * count)
  when (size < 8 * count) $ die (path ++ ": file is too short")
  pure values

run :: (Ptr Double -> Ptr Double -> Ptr Double -> Int -> Int -> IO ()) -> IO ()
run multiply = do
  arguments <- getArgs
  case arguments of
    [pathA, pathB, pathC, nText, rowsText, _, repsText] -> do
      let n = read nText
          rows = read rowsText
      a <- load pathA (rows * n)
      b <- load pathB (n * n)
      c <- mallocBytes (8 * rows * n)
      replicateM_ (read repsText) $ do
        start <- getMonotonicTimeNSec
        multiply a b c n rows
        end <- getMonotonicTimeNSec
        print (max 1 (end - start))
      withBinaryFile pathC WriteMode $ \file -> hPutBuf file c (8 * rows * n)
    _ -> die "usage: A B C n rows threads reps"

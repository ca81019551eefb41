{-# LANGUAGE BangPatterns #-}

-- | The naive loops, as recursive functions whose sum and counter are strict: GHC keeps them in registers.
module Main (main) where

import Driver (run, upTo)
import Foreign (Ptr, peekElemOff, pokeElemOff)

multiply :: Ptr Double -> Ptr Double -> Ptr Double -> Int -> Int -> IO ()
multiply a b c n rows =
  upTo rows $ \i ->
    upTo n $ \j -> do
      let sumFrom !k !total
            | k == n = pure total
            | otherwise = do
                x <- peekElemOff a (i * n + k)
                y <- peekElemOff b (k * n + j)
                sumFrom (k + 1) (total + x * y)
      total <- sumFrom 0 0
      pokeElemOff c (i * n + j) total

main :: IO ()
main = run multiply
